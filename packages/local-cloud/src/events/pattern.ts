import { AwsError } from '../service.ts';

/** An event pattern after JSON.parse: fields with lists of allowed values, nested as the event is. */
export type Pattern = Readonly<Record<string, unknown>>;

type Dict = Readonly<Record<string, unknown>>;

const isDict = (value: unknown): value is Dict => typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);

/** `*` stands for any characters, `\*` for a star. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.match(/\\.|\*|[^*\\]+/g) ?? [];
  const source = parts.map((part) =>
    part === '*' ? '.*' : escapeRegExp(part.startsWith('\\') ? part.slice(1) : part),
  );
  return new RegExp(`^${source.join('')}$`, 's');
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

type Test = (value: unknown) => boolean;

/** A matcher on text; `{"prefix": {"equals-ignore-case": "x"}}` looks away from case. */
function textTest(operand: unknown, test: (value: string, operand: string) => boolean): Test {
  const folded = isDict(operand) ? operand['equals-ignore-case'] : undefined;
  if (typeof folded === 'string') {
    return (value) => typeof value === 'string' && test(value.toLowerCase(), folded.toLowerCase());
  }
  if (typeof operand !== 'string') throw invalid(`expected a string but received ${JSON.stringify(operand)}`);
  return (value) => typeof value === 'string' && test(value, operand);
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function numericTest(operand: unknown): Test {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) {
    throw invalid('expected pairs of an operator and a number for "numeric"');
  }
  const tests = Array.from({ length: operand.length / 2 }, (_, index) => {
    const compare = COMPARISONS[String(operand[index * 2])];
    const bound: unknown = operand[index * 2 + 1];
    if (!compare || typeof bound !== 'number')
      throw invalid(`expected an operator and a number but received ${JSON.stringify(operand)}`);
    return (value: number) => compare(value, bound);
  });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

/** `anything-but`: none of these values, prefixes, suffixes or wildcards. */
function exceptTest(operand: unknown): Test {
  const inner = isDict(operand)
    ? Object.entries(operand).flatMap(([name, values]) => [values].flat().map((value): unknown => ({ [name]: value })))
    : [operand].flat();
  if (inner.length === 0) throw invalid('expected at least one value for "anything-but"');
  const tests = inner.map(valueTest);
  return (value) => value !== undefined && !tests.some((test) => test(value));
}

const MATCHERS: Readonly<Record<string, (operand: unknown) => Test>> = {
  prefix: (operand) => textTest(operand, (value, prefix) => value.startsWith(prefix)),
  suffix: (operand) => textTest(operand, (value, suffix) => value.endsWith(suffix)),
  'equals-ignore-case': (operand) => textTest(operand, (value, other) => value.toLowerCase() === other.toLowerCase()),
  wildcard: (operand) => textTest(operand, (value, pattern) => wildcard(pattern).test(value)),
  numeric: numericTest,
  'anything-but': exceptTest,
  exists: (operand) => {
    if (typeof operand !== 'boolean') throw invalid('expected true or false for "exists"');
    return (value) => (value !== undefined) === operand;
  },
};

/** One member of a list in a pattern: a literal, or an object with one matcher. */
function valueTest(member: unknown): Test {
  if (!isDict(member)) return (value) => value === member;
  const [first, ...others] = Object.entries(member);
  const [name, operand] = first ?? ['', undefined];
  const matcher = MATCHERS[name];
  if (!matcher || others.length > 0) throw invalid(`unrecognized match type ${name}`);
  return matcher(operand);
}

/** A field that holds a list matches if any of its members does; a missing or empty one has no value at all. */
const candidates = (value: unknown): unknown[] =>
  Array.isArray(value) ? (value.length > 0 ? value : [undefined]) : [value];

function fieldTest(name: string, expected: unknown): Test {
  if (Array.isArray(expected)) {
    if (expected.length === 0) throw invalid(`empty arrays are not allowed: ${name}`);
    const tests = expected.map(valueTest);
    return (value) => candidates(value).some((candidate) => tests.some((test) => test(candidate)));
  }
  if (!isDict(expected)) throw invalid(`"${name}" must be an object or an array`);
  const inner = objectTest(expected);
  return (value) => candidates(value).some((candidate) => inner(isDict(candidate) ? candidate : {}));
}

function objectTest(pattern: Pattern): (value: Dict) => boolean {
  const { $or: alternatives, ...fields } = pattern;
  const tests = Object.entries(fields).map(([name, expected]) => [name, fieldTest(name, expected)] as const);
  const others = alternatives === undefined ? undefined : alternativeTests(alternatives);
  return (value) =>
    tests.every(([name, test]) => test(Object.hasOwn(value, name) ? value[name] : undefined)) &&
    (others === undefined || others.some((test) => test(value)));
}

function alternativeTests(alternatives: unknown): ((value: Dict) => boolean)[] {
  if (!Array.isArray(alternatives) || alternatives.length < 2 || !alternatives.every(isDict)) {
    throw invalid('expected a list of at least two patterns for "$or"');
  }
  return alternatives.map(objectTest);
}

/**
 * Compiles an event pattern (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html;
 * all matchers but `cidr`).
 * @param pattern JSON text
 * @throws AwsError InvalidEventPatternException
 */
export function compilePattern(pattern: string): (event: Dict) => boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(pattern);
  } catch {
    // Reported below like any other pattern that is not an object.
    parsed = undefined;
  }
  if (!isDict(parsed) || Object.keys(parsed).length === 0) throw invalid('Filter is not an object');
  return objectTest(parsed);
}
