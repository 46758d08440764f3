import { s3Error } from '../errors.ts';
import type { Bucket } from '../store/buckets.ts';

type Texts = string | readonly string[] | undefined;

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: Texts;
  readonly NotAction?: Texts;
  readonly Resource?: Texts;
  readonly NotResource?: Texts;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface PolicyQuestion {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request, in lower case (`aws:securetransport`, `s3:authtype`). */
  readonly context: Readonly<Record<string, string>>;
}

export type Verdict = 'allow' | 'deny' | 'none';

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);

/** `*` is any text, `?` any character; not case-sensitive when told so. */
function like(pattern: string, value: string, flags = ''): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`).test(value);
}

const COMPARE: Readonly<Record<string, (expected: string, actual: string) => boolean>> = {
  stringequals: (expected, actual) => expected === actual,
  stringequalsignorecase: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
  stringlike: like,
  arnequals: like,
  arnlike: like,
  bool: (expected, actual) => expected.toLowerCase() === actual.toLowerCase(),
  numericequals: (expected, actual) => Number(actual) === Number(expected),
  numericlessthan: (expected, actual) => Number(actual) < Number(expected),
  numericlessthanequals: (expected, actual) => Number(actual) <= Number(expected),
  numericgreaterthan: (expected, actual) => Number(actual) > Number(expected),
  numericgreaterthanequals: (expected, actual) => Number(actual) >= Number(expected),
};

/** One line of a Condition block (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html). */
function isMet(operator: string, expected: readonly string[], actual: string | undefined): boolean {
  const name = operator.toLowerCase();
  if (name === 'null') return expected.includes(String(actual === undefined));
  const base = name.replace(/ifexists$/, '');
  if (actual === undefined && base !== name) return true;
  const isNegative = /^(string|numeric|arn)not/.test(base);
  const compare = COMPARE[base.replace('not', '')];
  if (!compare) return false;
  if (actual === undefined) return isNegative;
  return expected.some((value) => compare(value, actual)) !== isNegative;
}

function isConditionMet({ Condition = {} }: Statement, context: PolicyQuestion['context']): boolean {
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, value]) => isMet(operator, list(value), context[key.toLowerCase()])),
  );
}

function namesEveryone(principal: unknown): boolean {
  if (principal === '*') return true;
  if (typeof principal !== 'object' || principal === null || !('AWS' in principal)) return false;
  return list(principal.AWS).includes('*');
}

function isAbout(
  { Action, NotAction, Resource, NotResource }: Statement,
  { action, resource }: PolicyQuestion,
): boolean {
  const ofAction =
    NotAction === undefined
      ? list(Action).some((one) => like(one, action, 'i'))
      : !list(NotAction).some((one) => like(one, action, 'i'));
  if (!ofAction) return false;
  return NotResource === undefined
    ? list(Resource).some((one) => like(one, resource))
    : !list(NotResource).some((one) => like(one, resource));
}

const parsed = new WeakMap<Bucket, Statement[]>();

function statementsOf(bucket: Bucket): Statement[] {
  const { policy } = bucket.config;
  if (policy === undefined) return [];
  let statements = parsed.get(bucket);
  if (!statements) {
    statements = parsePolicy(policy);
    parsed.set(bucket, statements);
  }
  return statements;
}

/** @throws AwsError MalformedPolicy */
export function parsePolicy(text: string): Statement[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw s3Error('MalformedPolicy', { message: "Policies must be valid JSON and the first byte must be '{'", cause });
  }
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    throw s3Error('MalformedPolicy', { message: 'Missing required field Statement' });
  }
  const statements = (Array.isArray(document.Statement) ? document.Statement : [document.Statement]) as Statement[];
  statements.forEach(checkStatement);
  return statements;
}

function checkStatement({ Effect, Principal, NotPrincipal }: Statement): void {
  if (Effect !== 'Allow' && Effect !== 'Deny') {
    throw s3Error('MalformedPolicy', { message: `Invalid effect: ${String(Effect)}` });
  }
  if (Principal === undefined && NotPrincipal === undefined) {
    throw s3Error('MalformedPolicy', { message: 'Missing required field Principal' });
  }
}

/** True when anyone at all is allowed something without a condition: what BlockPublicPolicy refuses. */
export function isPublicPolicy(text: string): boolean {
  return parsePolicy(text).some(
    ({ Effect, Principal, Condition }) =>
      Effect === 'Allow' && namesEveryone(Principal) && Object.keys(Condition ?? {}).length === 0,
  );
}

/**
 * What a bucket's policy says to a request. Only statements about everyone count: there is one account here, whose keys may do
 * anything that no Deny forbids.
 */
export function judge(bucket: Bucket, question: PolicyQuestion): Verdict {
  const about = statementsOf(bucket).filter(
    (statement) =>
      namesEveryone(statement.Principal) && isAbout(statement, question) && isConditionMet(statement, question.context),
  );
  if (about.some(({ Effect }) => Effect === 'Deny')) return 'deny';
  return about.length > 0 ? 'allow' : 'none';
}
