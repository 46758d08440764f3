/** A YAML or JSON mapping as it comes out of a template. */
export type Dict = Record<string, unknown>;

export function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mapping itself, or an empty one for anything else. */
export function dictOf(value: unknown): Dict {
  return isDict(value) ? value : {};
}

/** The list itself; nothing for a missing value; one element for a single value, as CloudFormation reads it. */
export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** A scalar as text, or undefined for mappings, lists and missing values. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

/** A number, also when the template wrote it as text (CloudFormation parameters are text). */
export function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** True for `true` and `'true'`. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
