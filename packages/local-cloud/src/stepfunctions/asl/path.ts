import { JSONPath } from 'jsonpath-plus';
import { isDict, type Dict } from '../../stack/values.ts';
import { runtimeFailure, StateFailure } from './failure.ts';

/** What paths of one state may look into. */
export interface PathData {
  /** `$` */
  readonly input: unknown;
  /** `$$` */
  readonly context: unknown;
  /** `$name`: variables set by Assign. */
  readonly variables: Dict;
}

interface ParsedPath {
  readonly root: 'input' | 'context' | { readonly variable: string };
  /** Path below the root, beginning with `$`. */
  readonly path: string;
  /** The steps of a reference path (`$.a['b'][0]`), which names at most one value; undefined for any other path. */
  readonly steps: readonly (string | number)[] | undefined;
}

const STEP = /\.([\p{L}_][\p{L}\p{N}_-]*)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\]/uy;
/** A bracket with anything but one index or one name, a wildcard or a descent: may name many values. */
const QUERY = /\.\.|\*|\[\s*[^\]'"\d-]|\[[^\]'"]*[:,]|\[(['"])(?:(?!\1).)*\1\s*,/;

function stepsOf(path: string): (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (!match) return undefined;
    const [, dotted, single, double, index] = match;
    steps.push(index === undefined ? (dotted ?? (single ?? double ?? '').replace(/\\(.)/gu, '$1')) : Number(index));
  }
  return steps;
}

function rootOf(path: string): Pick<ParsedPath, 'root' | 'path'> | undefined {
  if (path.startsWith('$$')) return { root: 'context', path: path.slice(1) };
  const variable = /^\$([\p{L}_][\p{L}\p{N}_]*)/u.exec(path)?.[1];
  if (variable !== undefined) return { root: { variable }, path: `$${path.slice(variable.length + 1)}` };
  return path.startsWith('$') ? { root: 'input', path } : undefined;
}

function parse(text: string): ParsedPath {
  const root = rootOf(text);
  if (!root || !/^\$($|[.[])/.test(root.path)) throw runtimeFailure(`Invalid path '${text}'`);
  const steps = stepsOf(root.path);
  if (steps === undefined && !QUERY.test(root.path)) throw runtimeFailure(`Invalid path '${text}'`);
  return { ...root, steps };
}

const parsed = new Map<string, ParsedPath>();

/** Parses a path once. @throws StateFailure States.Runtime for a text that is no path */
export function parsePath(text: string): ParsedPath {
  const known = parsed.get(text);
  if (known) return known;
  const path = parse(text);
  parsed.set(text, path);
  return path;
}

/** Whether the text names a place that a result can be put at. */
export function isReferencePath(text: string): boolean {
  return parsePath(text).steps !== undefined;
}

function rootValue(path: ParsedPath, data: PathData, text: string): unknown {
  if (path.root === 'input') return data.input;
  if (path.root === 'context') return data.context;
  const { variable } = path.root;
  if (Object.hasOwn(data.variables, variable)) return data.variables[variable];
  throw runtimeFailure(`The variable '$${variable}' in '${text}' is not defined.`);
}

function child(value: unknown, step: string | number): unknown {
  if (Array.isArray(value) && typeof step === 'number') return (value as unknown[]).at(step);
  if (isDict(value) && Object.hasOwn(value, String(step))) return value[String(step)];
  return undefined;
}

function query(root: unknown, path: string): unknown[] {
  if (typeof root !== 'object' || root === null) return [];
  // `safe` evaluates filters with a parser of its own, never with eval.
  return JSONPath<unknown[]>({ path, json: root, wrap: true, eval: 'safe' });
}

/** The value a path names; undefined when there is none. A path that may name many values always gives a list. */
export function findAt(text: string, data: PathData): unknown {
  const path = parsePath(text);
  const root = rootValue(path, data, text);
  if (path.steps === undefined) return query(root, path.path);
  let value = root;
  for (const step of path.steps) {
    value = child(value, step);
    if (value === undefined) return undefined;
  }
  return value;
}

/** The value a path names. @throws StateFailure States.Runtime when there is none */
export function valueAt(text: string, data: PathData, field: string): unknown {
  const value = findAt(text, data);
  if (value !== undefined) return value;
  throw runtimeFailure(
    `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(data.input)}'`,
  );
}

function placed(target: unknown, steps: readonly (string | number)[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    if (!Array.isArray(target) || step >= target.length || step < 0) throw new RangeError('no such element');
    return (target as unknown[]).with(step, placed(target[step], rest, value));
  }
  if (target !== undefined && !isDict(target)) throw new RangeError('not an object');
  return { ...target, [step]: placed(target?.[step], rest, value) };
}

/** A copy of `input` with the result put at a reference path; `$` replaces all. @throws StateFailure States.ResultPathMatchFailure */
export function putAt(input: unknown, path: string, result: unknown): unknown {
  const { steps, root } = parsePath(path);
  if (root !== 'input' || steps === undefined) throw runtimeFailure(`Invalid reference path '${path}'`);
  try {
    return placed(input, steps, result);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StateFailure(
      'States.ResultPathMatchFailure',
      `Unable to apply step '${path}' to input '${JSON.stringify(input)}'`,
    );
  }
}
