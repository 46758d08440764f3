import * as z from 'zod';

export type Json = Record<string, unknown>;

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Formats that every reader of JSON Schema knows; a pattern beside one of them says the same in 200 characters. */
const KNOWN_FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'uri']);

/** What zod writes that tells a reader nothing, by keyword. */
const NOISE: Readonly<Record<string, (value: unknown, schema: Json) => boolean>> = {
  $schema: () => true,
  $id: () => true,
  maximum: (value) => value === Number.MAX_SAFE_INTEGER,
  // That keys are texts.
  propertyNames: (value) => isRecord(value) && Object.keys(value).join() === 'type',
  pattern: (_value, schema) => KNOWN_FORMATS.has(schema['format']),
  // A format of zod's own (ulid), whose pattern stays.
  format: (value, schema) => !KNOWN_FORMATS.has(value) && 'pattern' in schema,
};

const tidy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(tidy);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, inner]) => NOISE[name]?.(inner, value) !== true)
      .map(([name, inner]) => [name, tidy(inner)]),
  );
};

/** The schema of one value that stands where it is used: a parameter, a header. As it is after parsing, so that bounds of coerced numbers are in it. */
export const inlineSchema = (schema: z.ZodType): Json => tidy(z.toJSONSchema(schema)) as Json;

const PREFIX = '#/components/schemas/';

/** JSON Schemas of all named zod schemas, which refer to each other by `$ref`. */
export const componentSchemas = (named: ReadonlyMap<string, z.ZodType>): Record<string, Json> => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `${PREFIX}${id}` });
  return tidy(schemas) as Record<string, Json>;
};

/** Names of the components that a value refers to. */
export const referencesIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isRecord(value)) return [];
  const own = value['$ref'];
  const here = typeof own === 'string' && own.startsWith(PREFIX) ? [own.slice(PREFIX.length)] : [];
  return [...here, ...Object.values(value).flatMap(referencesIn)];
};

export const referenceTo = (name: string): Json => ({ $ref: `${PREFIX}${name}` });

/** The components that `root` needs, directly or through others, by name. */
export const reachable = (root: unknown, all: Readonly<Record<string, Json>>): Record<string, Json> => {
  const wanted = new Set<string>();
  const queue = referencesIn(root);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (wanted.has(name)) continue;
    wanted.add(name);
    queue.push(...referencesIn(all[name]));
  }
  const names = [...wanted].sort((a, b) => a.localeCompare(b, 'en'));
  return Object.fromEntries(names.map((name) => [name, all[name] ?? {}]));
};
