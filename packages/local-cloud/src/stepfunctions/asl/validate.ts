import { isDict, listOf, textOf, type Dict } from '../../stack/values.ts';
import { operatorOf } from './choice.ts';
import { StateFailure } from './failure.ts';
import { checkPath } from './intrinsics.ts';
import { isJsonataText, jsonataProblem } from './jsonata.ts';
import { isReferencePath, parsePath } from './path.ts';
import { STATE_TYPES } from './states.ts';
import { isRunnableResource } from './task.ts';

/** One thing wrong with a definition, as ValidateStateMachineDefinition reports it. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** JSON pointer into the definition. */
  readonly location: string;
}

type Report = (location: string, message: string, code?: string) => void;

/** Longest state name. */
const MAX_NAME = 80;
const TERMINAL = new Set(['Succeed', 'Fail']);

interface Place {
  readonly location: string;
  readonly language: string;
  readonly report: Report;
}

function nextStates(state: Dict): string[] {
  const rules = [...listOf(state.Choices), ...listOf(state.Catch)].filter(isDict);
  return [state.Next, state.Default, ...rules.map(({ Next: next }) => next)].flatMap((next) => textOf(next) ?? []);
}

function checkTransition(state: Dict, { location, report }: Place): void {
  const type = textOf(state.Type) ?? '';
  if (TERMINAL.has(type) || type === 'Choice') return;
  const hasNext = typeof state.Next === 'string';
  if (hasNext === (state.End === true))
    report(location, 'expected exactly one of Next and End: true', 'MISSING_TRANSITION');
}

function checkRules(state: Dict, { location, report }: Place): void {
  for (const field of ['Retry', 'Catch'] as const) {
    const rules = listOf(state[field]);
    rules.forEach((rule, index) => {
      const at = `${location}/${field}[${String(index)}]`;
      const names = isDict(rule) ? listOf(rule.ErrorEquals) : [];
      if (names.length === 0) report(at, 'expected ErrorEquals with at least one error name');
      const isAlone = names.length === 1 && index === rules.length - 1;
      if (names.includes('States.ALL') && !isAlone) report(at, 'States.ALL must be alone in the last rule');
    });
  }
}

function checkComparison(rule: unknown, at: string, { language, report }: Place): void {
  if (!isDict(rule)) {
    report(at, 'expected a rule');
    return;
  }
  if (language === 'JSONata') {
    if (rule.Condition === undefined) report(at, 'expected a Condition');
    return;
  }
  const parts = [...listOf(rule.And), ...listOf(rule.Or), ...listOf(rule.Not)];
  for (const part of parts) checkComparison(part, at, { location: at, language, report });
  if (parts.length > 0) return;
  if (typeof rule.Variable !== 'string') report(at, 'expected a Variable');
  if (!operatorOf(rule)) report(at, 'expected a comparison operator');
}

function checkChoice(state: Dict, place: Place): void {
  const rules = listOf(state.Choices);
  if (rules.length === 0) place.report(place.location, 'expected at least one rule in Choices');
  rules.forEach((rule, index) => {
    const at = `${place.location}/Choices[${String(index)}]`;
    checkComparison(rule, at, place);
    if (isDict(rule) && typeof rule.Next !== 'string') place.report(at, 'expected Next', 'MISSING_TRANSITION');
  });
}

function checkTask(state: Dict, { location, report }: Place): void {
  const resource = textOf(state.Resource);
  if (resource === undefined) report(location, 'expected a Resource');
  else if (!isRunnableResource(resource))
    report(
      location,
      `expected a Lambda function or arn:aws:states:::lambda:invoke for Resource but received ${resource}`,
    );
}

function checkWait(state: Dict, { location, report }: Place): void {
  const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter((field) => state[field] !== undefined);
  if (given.length !== 1) report(location, 'expected exactly one of Seconds, SecondsPath, Timestamp and TimestampPath');
}

function checkBranches(state: Dict, { location, language, report }: Place): void {
  const branches = listOf(state.Branches);
  if (branches.length === 0) report(location, 'expected at least one branch in Branches');
  branches.forEach((branch, index) => {
    checkFlow(branch, { location: `${location}/Branches[${String(index)}]`, language, report });
  });
}

function checkMap(state: Dict, { location, language, report }: Place): void {
  for (const field of ['ItemReader', 'ItemBatcher', 'ResultWriter'])
    if (state[field] !== undefined) report(location, `${field} is not run by the embedded system`);
  const field = state.ItemProcessor === undefined ? 'Iterator' : 'ItemProcessor';
  checkFlow(state[field], { location: `${location}/${field}`, language, report });
}

const CHECKS: Readonly<Record<string, (state: Dict, place: Place) => void>> = {
  Choice: checkChoice,
  Task: checkTask,
  Wait: checkWait,
  Parallel: checkBranches,
  Map: checkMap,
};

/** Fields that hold a path or, in newer versions of the language, an intrinsic function. */
const PATH_FIELDS =
  /^(InputPath|OutputPath|ItemsPath|Variable|ErrorPath|CausePath|.*(Equals|Than)Path|(Timeout)?SecondsPath|TimestampPath)$/;
/** Nested flows are checked as flows of their own; Result is data. */
const UNCHECKED = new Set(['Branches', 'Iterator', 'ItemProcessor', 'Result']);

function checkField(name: string, item: unknown, place: { at: string; report: Report }): void {
  const { at, report } = place;
  if (typeof item !== 'string') checkPaths(item, at, report);
  else if (name.endsWith('.$') || PATH_FIELDS.test(name)) reportPath(item, at, report);
  else if (name === 'ResultPath' && !isReference(item)) report(at, `expected a reference path but received ${item}`);
}

function checkPaths(value: unknown, location: string, report: Report): void {
  if (Array.isArray(value)) value.forEach((item, index) => checkPaths(item, `${location}[${String(index)}]`, report));
  if (!isDict(value)) return;
  for (const [name, item] of Object.entries(value))
    if (!UNCHECKED.has(name)) checkField(name, item, { at: `${location}/${name}`, report });
}

function isReference(path: string): boolean {
  try {
    return isReferencePath(path) && !path.startsWith('$$');
  } catch {
    // No path at all.
    return false;
  }
}

function reportPath(path: string, at: string, report: Report): void {
  try {
    checkPath(parsePath, path);
  } catch (error) {
    report(at, error instanceof StateFailure ? (error.reason ?? error.error) : String(error));
  }
}

function checkState(name: string, state: unknown, place: Place): void {
  const { report, location } = place;
  if (name.length > MAX_NAME) report(location, `expected a name of at most ${String(MAX_NAME)} characters`);
  const type = isDict(state) ? textOf(state.Type) : undefined;
  if (!isDict(state) || type === undefined || !STATE_TYPES.has(type)) {
    report(location, `expected a Type of ${[...STATE_TYPES].join(', ')} but received ${String(type)}`);
    return;
  }
  const language = textOf(state.QueryLanguage) ?? place.language;
  checkTransition(state, place);
  checkRules(state, place);
  CHECKS[type]?.(state, { ...place, language });
  if (language === 'JSONPath') checkPaths(state, location, report);
}

/** Every target of a transition exists, and every state is one or the start. */
function checkTargets(
  { States: states, StartAt: start }: { States: Dict; StartAt?: unknown },
  location: string,
  report: Report,
): void {
  const code = 'MISSING_TRANSITION_TARGET';
  if (typeof start !== 'string' || !Object.hasOwn(states, start))
    report(`${location}/StartAt`, `expected the name of a state but received ${JSON.stringify(start)}`, code);
  const reached = new Set([start]);
  for (const [name, state] of Object.entries(states)) {
    for (const next of isDict(state) ? nextStates(state) : []) {
      if (next !== name) reached.add(next);
      if (!Object.hasOwn(states, next))
        report(`${location}/States/${name}`, `the next state ${next} does not exist`, code);
    }
  }
  for (const name of Object.keys(states))
    if (!reached.has(name)) report(`${location}/States/${name}`, 'the state is not reachable', code);
}

function checkFlow(flow: unknown, { location, language: inherited, report }: Place): void {
  if (!isDict(flow) || !isDict(flow.States) || Object.keys(flow.States).length === 0) {
    report(location, 'expected States with at least one state');
    return;
  }
  const language = textOf(flow.QueryLanguage) ?? inherited;
  for (const [name, state] of Object.entries(flow.States))
    checkState(name, state, { location: `${location}/States/${name}`, language, report });
  checkTargets({ ...flow, States: flow.States }, location, report);
}

async function checkExpressions(value: unknown, location: string, report: Report): Promise<void> {
  if (isJsonataText(value)) {
    const problem = await jsonataProblem(value);
    if (problem !== undefined) report(location, problem, 'INVALID_JSONATA_EXPRESSION');
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) await checkExpressions(item, `${location}/${name}`, report);
}

/** All that is wrong with a definition; empty for one that can run. */
export async function definitionProblems(definition: unknown): Promise<Problem[]> {
  const problems: Problem[] = [];
  const report: Report = (location, message, code = 'SCHEMA_VALIDATION_FAILED') => {
    problems.push({ code, message, location });
  };
  checkFlow(definition, { location: '', language: 'JSONPath', report });
  await checkExpressions(definition, '', report);
  return problems;
}
