import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isDict } from '../../stack/values.ts';
import { StateFailure } from './failure.ts';
import { parseIntrinsic, type Expression } from './intrinsic-parser.ts';
import { valueAt, type PathData } from './path.ts';

/** Longest array that States.ArrayRange may make. */
const MAX_RANGE = 1_000;
/** Longest text that States.Hash and the Base64 functions take. */
const MAX_TEXT = 10_000;
/** The names that States.Hash takes, and Node's names for them. */
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

function expected(what: string, value: unknown): StateFailure {
  return new StateFailure('States.IntrinsicFailure', `expected ${what} but received ${JSON.stringify(value)}`);
}

function array(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw expected('an array', value);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw expected('a string', value);
}

function shortText(value: unknown): string {
  const string = text(value);
  if (string.length <= MAX_TEXT) return string;
  throw expected(`at most ${String(MAX_TEXT)} characters`, string.length);
}

/** AWS rounds numbers to the nearest integer where one is wanted. */
function integer(value: unknown): number {
  if (typeof value === 'number') return Math.round(value);
  throw expected('a number', value);
}

function formatted(template: unknown, values: readonly unknown[]): string {
  let next = 0;
  const result = text(template).replace(/\\([{}])|\{\}/g, (_all, brace: string | undefined) => {
    if (brace !== undefined) return brace;
    if (next >= values.length) throw expected('as many arguments as placeholders in States.Format', template);
    const value = values[next];
    next += 1;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  if (next === values.length) return result;
  throw expected('as many placeholders as arguments in States.Format', template);
}

function range(first: unknown, last: unknown, by: unknown): number[] {
  const [start, end, step] = [integer(first), integer(last), integer(by)];
  if (step === 0) throw expected('a step that is not 0', by);
  const count = Math.max(Math.floor((end - start) / step) + 1, 0);
  if (count > MAX_RANGE) throw expected(`a range of at most ${String(MAX_RANGE)} elements`, count);
  return Array.from({ length: count }, (_, index) => start + index * step);
}

function partitioned(list: unknown, size: unknown): unknown[][] {
  const [items, length] = [array(list), integer(size)];
  if (length <= 0) throw expected('a positive chunk size', size);
  return Array.from({ length: Math.ceil(items.length / length) }, (_, index) =>
    items.slice(index * length, (index + 1) * length),
  );
}

function element(list: unknown, index: unknown): unknown {
  const items = array(list);
  const at = integer(index);
  if (at >= 0 && at < items.length) return items[at];
  throw expected(`an index below ${String(items.length)}`, index);
}

function unique(list: unknown): unknown[] {
  const result: unknown[] = [];
  for (const item of array(list)) if (!result.some((other) => isDeepStrictEqual(other, item))) result.push(item);
  return result;
}

function merged(first: unknown, second: unknown, deep: unknown): unknown {
  if (deep !== false) throw expected('false, because only shallow merging exists', deep);
  if (!isDict(first) || !isDict(second)) throw expected('two objects', isDict(first) ? second : first);
  return { ...first, ...second };
}

function hashed(data: unknown, algorithm: unknown): string {
  const name = HASHES[text(algorithm)];
  if (name === undefined) throw expected(`one of ${Object.keys(HASHES).join(', ')}`, algorithm);
  return createHash(name).update(shortText(data)).digest('hex');
}

function parsedJson(value: unknown): unknown {
  try {
    return JSON.parse(text(value));
  } catch (error) {
    if (error instanceof StateFailure) throw error;
    throw expected('a JSON text', value);
  }
}

/** A small generator with a seed (mulberry32), because States.MathRandom gives the same number for the same seed. */
function seeded(seed: number): number {
  let state = (seed + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}

function randomNumber(start: unknown, end: unknown, seed: unknown): number {
  const [low, high] = [integer(start), integer(end)];
  const fraction = seed === undefined ? Math.random() : seeded(integer(seed));
  return low + Math.floor(fraction * (high - low));
}

/** Splits at any of the characters and drops empty parts, as AWS does. */
function split(value: unknown, separators: unknown): string[] {
  const set = new Set(text(separators));
  const parts: string[] = [];
  let part = '';
  for (const char of text(value)) {
    if (set.has(char)) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part].filter((piece) => piece !== '');
}

type Intrinsic = (...args: unknown[]) => unknown;

/** https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html */
const INTRINSICS: Readonly<Record<string, { readonly run: Intrinsic; readonly arity: readonly [number, number] }>> = {
  'States.Array': { run: (...args) => args, arity: [0, Infinity] },
  'States.ArrayPartition': { run: partitioned, arity: [2, 2] },
  'States.ArrayContains': {
    run: (list, value) => array(list).some((item) => isDeepStrictEqual(item, value)),
    arity: [2, 2],
  },
  'States.ArrayRange': { run: range, arity: [3, 3] },
  'States.ArrayGetItem': { run: element, arity: [2, 2] },
  'States.ArrayLength': { run: (list) => array(list).length, arity: [1, 1] },
  'States.ArrayUnique': { run: unique, arity: [1, 1] },
  'States.Base64Encode': { run: (value) => Buffer.from(shortText(value)).toString('base64'), arity: [1, 1] },
  'States.Base64Decode': { run: (value) => Buffer.from(shortText(value), 'base64').toString(), arity: [1, 1] },
  'States.Format': { run: (template, ...values) => formatted(template, values), arity: [1, Infinity] },
  'States.Hash': { run: hashed, arity: [2, 2] },
  'States.JsonMerge': { run: merged, arity: [3, 3] },
  'States.JsonToString': { run: (value) => JSON.stringify(value), arity: [1, 1] },
  'States.MathAdd': { run: (first, second) => integer(first) + integer(second), arity: [2, 2] },
  'States.MathRandom': { run: randomNumber, arity: [2, 3] },
  'States.StringSplit': { run: split, arity: [2, 2] },
  'States.StringToJson': { run: parsedJson, arity: [1, 1] },
  'States.UUID': { run: () => randomUUID(), arity: [0, 0] },
};

function evaluate(expression: Expression, data: PathData, field: string): unknown {
  if (expression.kind === 'literal') return expression.value;
  if (expression.kind === 'path') return valueAt(expression.path, data, field);
  const intrinsic = INTRINSICS[expression.name];
  const [least, most] = intrinsic?.arity ?? [0, -1];
  const count = expression.args.length;
  if (!intrinsic || count < least || count > most)
    throw expected(`an intrinsic function with its number of arguments for ${field}`, expression.name);
  return intrinsic.run(...expression.args.map((argument) => evaluate(argument, data, field)));
}

/** Whether a text calls an intrinsic function. */
export const isIntrinsic = (value: string): boolean => value.startsWith('States.');

/** The value of a `.$` field: a path or an intrinsic function. @throws StateFailure States.Runtime, States.IntrinsicFailure */
export function evaluatePath(expression: string, data: PathData, field: string): unknown {
  if (isIntrinsic(expression)) return evaluate(parseIntrinsic(expression), data, field);
  return valueAt(expression, data, field);
}

/** @throws StateFailure States.Runtime for a text that is neither a path nor a call of a known function */
export function checkPath(parse: (path: string) => unknown, expression: string): void {
  if (!isIntrinsic(expression)) {
    parse(expression);
    return;
  }
  const visit = (node: Expression): void => {
    if (node.kind === 'path') parse(node.path);
    if (node.kind !== 'call') return;
    if (!Object.hasOwn(INTRINSICS, node.name))
      throw new StateFailure('States.Runtime', `unknown function ${node.name}`);
    node.args.forEach(visit);
  };
  visit(parseIntrinsic(expression));
}

/** A payload template: fields whose names end in `.$` are computed, everything else stays. */
export function applyTemplate(template: unknown, data: PathData): unknown {
  if (Array.isArray(template)) return template.map((item) => applyTemplate(item, data));
  if (!isDict(template)) return template;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(template)) {
    if (name.endsWith('.$') && typeof value === 'string') result[name.slice(0, -2)] = evaluatePath(value, data, name);
    else result[name] = applyTemplate(value, data);
  }
  return result;
}
