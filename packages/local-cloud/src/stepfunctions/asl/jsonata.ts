import { createHash, randomUUID } from 'node:crypto';
import { isDict, type Dict } from '../../stack/values.ts';
import { StateFailure } from './failure.ts';

type Expression = Awaited<ReturnType<typeof load>> extends (text: string) => infer Result ? Result : never;

/** Read only when a machine asks for it: few do. */
const load = async () => (await import('jsonata')).default;

/** Longest list that $range may make. */
const MAX_RANGE = 1_000;
const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/** What Step Functions adds to the language (https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html). */
const FUNCTIONS: Dict = {
  parse: (text: string): unknown => JSON.parse(text),
  uuid: () => randomUUID(),
  hash: (data: unknown, algorithm: string) =>
    createHash(algorithm.replace('-', '').toLowerCase())
      .update(typeof data === 'string' ? data : JSON.stringify(data))
      .digest('hex'),
  range: (first: number, last: number, step: number) => {
    const count = Math.max(Math.floor((last - first) / step) + 1, 0);
    if (!(count <= MAX_RANGE)) throw new RangeError(`expected at most ${String(MAX_RANGE)} elements`);
    return Array.from({ length: count }, (_, index) => first + index * step);
  },
  partition: (list: unknown[], size: number) =>
    Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size)),
};

const compiled = new Map<string, Promise<Expression>>();

async function compile(source: string): Promise<Expression> {
  const jsonata = await load();
  return jsonata(source);
}

function compiledOnce(source: string): Promise<Expression> {
  const known = compiled.get(source) ?? compile(source);
  compiled.set(source, known);
  return known;
}

function messageOf(error: unknown): string {
  return isDict(error) && typeof error.message === 'string' ? error.message : String(error);
}

export const isJsonataText = (value: unknown): value is string => typeof value === 'string' && EXPRESSION.test(value);

/** @returns what is wrong with the expression, or undefined */
export async function jsonataProblem(text: string): Promise<string | undefined> {
  try {
    await compiledOnce(EXPRESSION.exec(text)?.[1] ?? '');
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** What an expression sees: `$states` and the variables. */
export interface JsonataData {
  readonly states: Dict;
  readonly variables: Dict;
}

async function evaluateExpression(text: string, data: JsonataData, field: string): Promise<unknown> {
  let result: unknown;
  try {
    const expression = await compiledOnce(EXPRESSION.exec(text)?.[1] ?? '');
    result = await expression.evaluate(undefined, { ...FUNCTIONS, ...data.variables, states: data.states });
  } catch (error) {
    throw new StateFailure(
      'States.QueryEvaluationError',
      `The JSONata expression '${text}' specified for the field '${field}' threw an error during evaluation. ${messageOf(error)}`,
    );
  }
  const json = JSON.stringify(result) as string | undefined;
  if (json !== undefined) return JSON.parse(json);
  throw new StateFailure(
    'States.QueryEvaluationError',
    `The JSONata expression '${text}' specified for the field '${field}' returned nothing (undefined).`,
  );
}

/** A value with every `{% expression %}` in it evaluated. @throws StateFailure States.QueryEvaluationError */
export async function evaluateJsonata(value: unknown, data: JsonataData, field: string): Promise<unknown> {
  if (isJsonataText(value)) return evaluateExpression(value, data, field);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await evaluateJsonata(item, data, field));
    return items;
  }
  if (!isDict(value)) return value;
  const result: Dict = {};
  for (const [name, item] of Object.entries(value))
    result[name] = await evaluateJsonata(item, data, `${field}/${name}`);
  return result;
}
