import * as z from 'zod';
import * as api from '../../packages/types/src/api.ts';
import * as codes from '../../packages/types/src/codes.ts';
import * as companion from '../../packages/types/src/companion.ts';
import * as image from '../../packages/types/src/image.ts';
import * as companionRoutes from '../../packages/types/src/routes/companion.ts';
import * as fileRoutes from '../../packages/types/src/routes/files.ts';
import * as uploadRoutes from '../../packages/types/src/routes/uploads.ts';
import { commentsIn, describe } from './comments.ts';
import { componentSchemas, inlineSchema, type Json, referenceTo } from './json-schema.ts';

/** Files whose exported schemas may become components: those that a route needs do. */
const SOURCES: readonly (readonly [file: string, exports: Readonly<Record<string, unknown>>])[] = [
  ['api', api],
  ['codes', codes],
  ['companion', companion],
  ['image', image],
  ['routes/uploads', uploadRoutes],
  ['routes/companion', companionRoutes],
  ['routes/files', fileRoutes],
];

/** Only what has fields gets a name of its own; an enum or a bounded text reads better where it is used. */
const isNameable = (value: unknown): value is z.ZodType =>
  value instanceof z.ZodObject ||
  value instanceof z.ZodUnion ||
  value instanceof z.ZodArray ||
  value instanceof z.ZodRecord;

/** `createUploadRequestSchema` becomes `CreateUploadRequest`. */
const componentName = (constant: string): string => {
  const base = constant.replace(/Schema$/, '');
  return `${base.charAt(0).toUpperCase()}${base.slice(1)}`;
};

export interface Components {
  readonly schemas: Readonly<Record<string, Json>>;
  /** A reference to a named schema, or the schema itself. */
  readonly use: (schema: z.ZodType) => Json;
}

/** Every schema of the contracts by name, described by the comments in its source. */
export const collectComponents = (): Components => {
  const constants = SOURCES.flatMap(([file, exports]) => {
    const comments = commentsIn(new URL(`../../packages/types/src/${file}.ts`, import.meta.url));
    return Object.entries(exports).flatMap(([constant, schema]) =>
      constant.endsWith('Schema') && isNameable(schema)
        ? [{ name: componentName(constant), schema, comments: comments.get(constant) ?? new Map<string, string>() }]
        : [],
    );
  });
  const names = new Map<z.ZodType, string>(constants.map(({ schema, name }) => [schema, name]));
  const raw = componentSchemas(new Map(constants.map(({ schema, name }) => [name, schema])));
  const schemas = constants.map(({ name, comments }) => [name, describe(raw[name] ?? {}, comments)] as const);
  return {
    schemas: Object.fromEntries(schemas),
    use: (schema) => {
      const name = names.get(schema);
      return name === undefined ? inlineSchema(schema) : referenceTo(name);
    },
  };
};
