import { isDict, textOf, type Dict } from '../../stack/values.ts';
import { runtimeFailure, StateFailure } from './failure.ts';
import { effectiveInput, evaluate, finish, pathData } from './dataflow.ts';
import type { Frame, Step } from './frame.ts';
import { findAt, valueAt, type PathData } from './path.ts';

type Test = (value: unknown, wanted: unknown) => boolean;

/** RFC 3339 as the language demands it: date, `T`, time, `Z` or an offset. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const isTimestamp = (value: unknown): value is string =>
  typeof value === 'string' && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThan: (order) => order > 0,
  GreaterThanEquals: (order) => order >= 0,
};

const compareText = (first: string, second: string): number => (first < second ? -1 : Number(first > second));

/** Values of other types than the operator's never match; that is no error. */
const COMPARE: Readonly<Record<string, (value: unknown, wanted: unknown) => number | undefined>> = {
  String: (value, wanted) =>
    typeof value === 'string' && typeof wanted === 'string' ? compareText(value, wanted) : undefined,
  Numeric: (value, wanted) => (typeof value === 'number' && typeof wanted === 'number' ? value - wanted : undefined),
  Boolean: (value, wanted) =>
    typeof value === 'boolean' && typeof wanted === 'boolean' ? Number(value !== wanted) : undefined,
  Timestamp: (value, wanted) =>
    isTimestamp(value) && isTimestamp(wanted) ? Date.parse(value) - Date.parse(wanted) : undefined,
};

function wildcard(pattern: string): RegExp {
  // `\*` is a star and `\\` a backslash; every other star stands for any text.
  const source = pattern.replace(/\\([*\\])|\*|[^*\\]+|\\/g, (part, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return part === '*' ? '[\\s\\S]*' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${source}$`);
}

const IS: Readonly<Record<string, (value: unknown) => boolean>> = {
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: isTimestamp,
};

function operators(): Record<string, Test> {
  const table: Record<string, Test> = {
    StringMatches: (value, pattern) =>
      typeof value === 'string' && typeof pattern === 'string' && wildcard(pattern).test(value),
    IsPresent: (value, wanted) => (value !== undefined) === wanted,
  };
  for (const [name, holds] of Object.entries(IS)) table[name] = (value, wanted) => holds(value) === wanted;
  for (const [type, compare] of Object.entries(COMPARE)) {
    for (const [order, accepts] of Object.entries(ORDERS)) {
      if (type === 'Boolean' && order !== 'Equals') continue;
      const test: Test = (value, wanted) => {
        const result = compare(value, wanted);
        return result !== undefined && accepts(result);
      };
      table[`${type}${order}`] = test;
    }
  }
  return table;
}

/** The comparison operators of Choice rules, without their `…Path` forms. */
export const OPERATORS: Readonly<Record<string, Test>> = operators();

/** The operator of a rule, and whether it compares with the value of a path. */
export function operatorOf(
  rule: Dict,
): { readonly key: string; readonly test: Test; readonly isPath: boolean } | undefined {
  for (const key of Object.keys(rule)) {
    const direct = OPERATORS[key];
    if (direct) return { key, test: direct, isPath: false };
    const other = key.endsWith('Path') && !key.startsWith('Is') ? OPERATORS[key.slice(0, -4)] : undefined;
    if (other && key !== 'StringMatchesPath') return { key, test: other, isPath: true };
  }
  return undefined;
}

function compares(rule: Dict, data: PathData): boolean {
  const operator = operatorOf(rule);
  if (!operator) throw runtimeFailure(`expected a comparison in a choice rule but received ${JSON.stringify(rule)}`);
  const { key, test, isPath } = operator;
  const variable = String(rule.Variable);
  const value = key === 'IsPresent' ? findAt(variable, data) : valueAt(variable, data, 'Variable');
  const wanted = isPath ? valueAt(String(rule[key]), data, key) : rule[key];
  return test(value, wanted);
}

function holds(rule: Dict, data: PathData): boolean {
  const { And: and, Or: or, Not: not } = rule;
  if (Array.isArray(and)) return and.every((part) => isDict(part) && holds(part, data));
  if (Array.isArray(or)) return or.some((part) => isDict(part) && holds(part, data));
  if (isDict(not)) return !holds(not, data);
  return compares(rule, data);
}

async function isTrue(frame: Frame, rule: Dict, input: unknown): Promise<boolean> {
  if (frame.language === 'JSONPath') return holds(rule, pathData(frame, input));
  const result = await evaluate(frame, rule.Condition, { field: 'Condition' });
  if (typeof result === 'boolean') return result;
  throw new StateFailure(
    'States.QueryEvaluationError',
    `expected a boolean for Condition but received ${JSON.stringify(result)}`,
  );
}

/** @throws StateFailure States.NoChoiceMatched */
export async function choose(frame: Frame): Promise<Step> {
  const input = effectiveInput(frame);
  const { Choices: rules, Default: otherwise } = frame.state;
  for (const rule of Array.isArray(rules) ? rules : []) {
    if (!isDict(rule) || !(await isTrue(frame, rule, input))) continue;
    // OutputPath stands at the state; Assign and, in JSONata, Output at the rule.
    const merged = frame.language === 'JSONata' ? rule : { ...rule, OutputPath: frame.state.OutputPath ?? '$' };
    const output = await finish(frame, { result: input, rule: merged, seen: {}, hasResultPath: false });
    return { output, next: String(rule.Next) };
  }
  if (otherwise === undefined) {
    throw new StateFailure(
      'States.NoChoiceMatched',
      `No choice of the state '${frame.name}' matched and it has no Default.`,
    );
  }
  const output = await finish(frame, { result: input, seen: {}, hasResultPath: false });
  return { output, next: textOf(otherwise) };
}
