import { isDict, numberOf, textOf, type Dict } from '../../stack/values.ts';
import { checkSize, runtimeFailure } from './failure.ts';
import type { Frame } from './frame.ts';
import { applyTemplate, evaluatePath } from './intrinsics.ts';
import { evaluateJsonata } from './jsonata.ts';
import { putAt, valueAt, type PathData } from './path.ts';

/** What expressions of a state may see besides its input. */
export interface Seen {
  readonly result?: unknown;
  readonly errorOutput?: unknown;
}

export function pathData({ scope, context }: Frame, input: unknown): PathData {
  return { input, context, variables: scope.variables };
}

/** A value of the definition with its expressions evaluated, in the state's language; `$` is `input`. */
export async function evaluate(
  frame: Frame,
  value: unknown,
  at: { input?: unknown; seen?: Seen; field: string },
): Promise<unknown> {
  if (frame.language === 'JSONPath') {
    return applyTemplate(value, pathData(frame, 'input' in at ? at.input : frame.input));
  }
  const states = { input: frame.input, context: frame.context, ...at.seen };
  return evaluateJsonata(value, { states, variables: frame.scope.variables }, at.field);
}

/** InputPath: what a state works on. With JSONata, all of its input. */
export function effectiveInput(frame: Frame): unknown {
  const { InputPath: path = '$' } = frame.state;
  if (frame.language === 'JSONata' || path === '$') return frame.input;
  return path === null ? {} : valueAt(textOf(path) ?? '', pathData(frame, frame.input), 'InputPath');
}

/** What a state is given to work with: Parameters or Arguments, or its effective input where there are none. */
export async function argumentsOf(frame: Frame): Promise<unknown> {
  const input = effectiveInput(frame);
  const field = frame.language === 'JSONata' ? 'Arguments' : 'Parameters';
  const template = frame.state[field];
  return template === undefined ? input : await evaluate(frame, template, { input, field });
}

/** A number given as such, by a path (`{field}Path`) or by an expression; undefined where the state has none. */
export async function numberField(frame: Frame, field: string): Promise<number | undefined> {
  const { state } = frame;
  const path = state[`${field}Path`];
  const value =
    typeof path === 'string'
      ? evaluatePath(path, pathData(frame, effectiveInput(frame)), `${field}Path`)
      : await evaluate(frame, state[field], { field });
  if (value === undefined) return undefined;
  const number = typeof value === 'number' ? value : undefined;
  if (number !== undefined && number >= 0) return number;
  throw runtimeFailure(`expected a number from 0 for ${field} but received ${JSON.stringify(value)}`);
}

/** Assign: the new variables, computed from the old ones. */
async function assigned(frame: Frame, template: unknown, at: { input: unknown; seen: Seen }): Promise<Dict> {
  if (template === undefined) return {};
  const values = await evaluate(frame, template, { ...at, field: 'Assign' });
  return isDict(values) ? values : {};
}

export interface Finish {
  /** Output of the state's work, or the error of a caught failure. */
  readonly result: unknown;
  /** Where Output, Assign and ResultPath stand: the state, a rule of Choice or a catcher. */
  readonly rule?: Dict;
  readonly seen?: Seen;
  /** Paths apply to what comes from work; Choice, Wait and Succeed have no ResultPath. */
  readonly hasResultPath?: boolean;
}

function jsonPathOutput(frame: Frame, rule: Dict, { result, hasResultPath = true }: Finish): unknown {
  const { ResultPath: path = '$' } = rule;
  const isKept = path !== null;
  let output = result;
  if (hasResultPath) output = isKept ? putAt(frame.input, textOf(path) ?? '', result) : frame.input;
  const { OutputPath: outputPath = '$' } = rule;
  if (outputPath === '$') return output;
  return outputPath === null ? {} : valueAt(textOf(outputPath) ?? '', pathData(frame, output), 'OutputPath');
}

/** A state's output from its result: ResultPath and OutputPath, or Output. Sets the variables of Assign. */
export async function finish(frame: Frame, given: Finish): Promise<unknown> {
  const rule = given.rule ?? frame.state;
  const seen = given.seen ?? { result: given.result };
  const isJsonata = frame.language === 'JSONata';
  const output = isJsonata
    ? rule.Output === undefined
      ? given.result
      : await evaluate(frame, rule.Output, { seen, field: 'Output' })
    : jsonPathOutput(frame, rule, given);
  const variables = await assigned(frame, rule.Assign, { input: given.result, seen });
  frame.scope.variables = { ...frame.scope.variables, ...variables };
  checkSize(output, `state/task '${frame.name}'`);
  return output;
}

/** ResultSelector, for the states that have one. */
export function selected(frame: Frame, result: unknown): unknown {
  const { ResultSelector: selector } = frame.state;
  if (selector === undefined || frame.language === 'JSONata') return result;
  return applyTemplate(selector, pathData(frame, result));
}

/** A whole number of the definition that is no expression. */
export const plainNumber = (value: unknown, fallback: number): number => numberOf(value) ?? fallback;
