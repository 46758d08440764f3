/** Anything JSON.parse can answer. Templates are looked at from outside, so nothing more is assumed of them. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** CloudFormation takes one thing or a list of them in many places; this is always a list. */
export const asList = (value: Json | undefined): readonly Json[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
};

/** The value at a path of keys, `undefined` as soon as one is missing. */
export const at = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((here, key) => (isObject(here) ? here[key] : undefined), value);

/** The string at a path, '' when there is none. */
export const text = (value: Json | undefined, ...path: readonly string[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};
