import { AwsError } from '../service.ts';
import { ALGORITHM } from './canonical.ts';
import { hmac, isSameSignature, parseAmzDate, parseScope, secretOf, signingKey } from './keys.ts';
import type { Identity, Verifier } from './verify.ts';

/** The fields of a form by lower-case name, `${filename}` already replaced. */
export type FormFields = ReadonlyMap<string, string>;

export interface PostGrant {
  readonly identity: Identity;
  /** Bytes that the file may have. */
  readonly minLength: number;
  readonly maxLength: number;
}

/** Fields that need no condition (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html). */
const EXEMPT = new Set(['x-amz-signature', 'signature', 'file', 'policy', 'awsaccesskeyid']);

const refused = (message: string) =>
  new AwsError('AccessDenied', `Invalid according to Policy: ${message}`, { status: 403 });
const invalid = (message: string) => new AwsError('InvalidPolicyDocument', `Invalid Policy: ${message}`);

type Condition =
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string; readonly source: string }
  | { readonly kind: 'length'; readonly min: number; readonly max: number };

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function parseLengthRange([, first, second]: readonly unknown[]): Condition {
  const [min, max] = [Number(first), Number(second)];
  if (Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0) return { kind: 'length', min, max };
  throw invalid('Invalid content-length-range.');
}

function parseTriple(source: readonly unknown[]): Condition {
  if (source.length !== 3) throw invalid('Invalid Condition: wrong number of elements.');
  const [operator, name, value] = source;
  const kind = isText(operator) ? operator.toLowerCase() : '';
  if (kind === 'content-length-range') return parseLengthRange(source);
  if ((kind === 'eq' || kind === 'starts-with') && isText(name) && isText(value) && name.startsWith('$')) {
    return { kind, field: name.slice(1).toLowerCase(), value, source: JSON.stringify(source) };
  }
  throw invalid(`Invalid Condition: ${JSON.stringify(source)}`);
}

function parseCondition(source: unknown): Condition[] {
  if (Array.isArray(source)) return [parseTriple(source)];
  if (typeof source !== 'object' || source === null) throw invalid('Invalid Simple-Condition: not an object.');
  return Object.entries(source).map(([name, value]) => {
    if (!isText(value)) throw invalid('Invalid Simple-Condition: value must be a string.');
    return { kind: 'eq', field: name.toLowerCase(), value, source: JSON.stringify(['eq', `$${name}`, value]) };
  });
}

function parsePolicy(base64: string): { expiration: number; conditions: Condition[] } {
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch (cause) {
    throw new AwsError('InvalidPolicyDocument', 'Invalid Policy: Invalid JSON.', { cause });
  }
  if (typeof policy !== 'object' || policy === null) throw invalid('Invalid JSON.');
  const { expiration, conditions } = policy as Record<string, unknown>;
  if (!isText(expiration)) throw invalid('Policy missing expiration.');
  if (!Array.isArray(conditions)) throw invalid('Policy missing conditions.');
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(expiration) ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(time)) throw invalid("Invalid 'expiration' value.");
  return { expiration: time, conditions: conditions.flatMap(parseCondition) };
}

function holds(condition: Exclude<Condition, { kind: 'length' }>, value: string): boolean {
  if (condition.kind === 'eq') return value === condition.value;
  // Content-Type may be a list, and every entry must match.
  const values = condition.field === 'content-type' ? value.split(',').map((one) => one.trim()) : [value];
  return values.every((one) => one.startsWith(condition.value));
}

function checkConditions(conditions: readonly Condition[], fields: FormFields): { min: number; max: number } {
  const range = { min: 0, max: Number.POSITIVE_INFINITY };
  for (const condition of conditions) {
    if (condition.kind === 'length') {
      range.min = Math.max(range.min, condition.min);
      range.max = Math.min(range.max, condition.max);
    } else if (!holds(condition, fields.get(condition.field) ?? '')) {
      throw refused(`Policy Condition failed: ${condition.source}`);
    }
  }
  return range;
}

function checkCoverage(conditions: readonly Condition[], sent: Iterable<string>): void {
  const covered = new Set(conditions.map((condition) => (condition.kind === 'length' ? '' : condition.field)));
  const extra = [...sent].filter((name) => !covered.has(name) && !EXEMPT.has(name) && !name.startsWith('x-ignore-'));
  if (extra.length > 0) throw refused(`Extra input fields: ${extra.join(', ')}`);
}

function required(fields: FormFields, name: string): string {
  const value = fields.get(name);
  if (value !== undefined) return value;
  throw new AwsError(
    'InvalidArgument',
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    {
      fields: { ArgumentName: name, ArgumentValue: '' },
    },
  );
}

function verifySignature(policy: string, fields: FormFields, verifier: Verifier): Identity {
  if (required(fields, 'x-amz-algorithm') !== ALGORITHM) {
    throw new AwsError('InvalidArgument', `x-amz-algorithm only supports "${ALGORITHM}"`);
  }
  const scope = parseScope(required(fields, 'x-amz-credential'));
  if (scope?.service !== 's3') throw new AwsError('InvalidArgument', 'The x-amz-credential field is malformed.');
  const amzDate = required(fields, 'x-amz-date');
  const signature = required(fields, 'x-amz-signature');
  const key = signingKey(secretOf(scope.accessKeyId, verifier.credentials), scope);
  if (!isSameSignature(hmac(key, policy).toString('hex'), signature)) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      {
        status: 403,
        fields: { AWSAccessKeyId: scope.accessKeyId, StringToSign: policy, SignatureProvided: signature },
      },
    );
  }
  const signatureAge = verifier.now() - parseAmzDate(amzDate);
  if (Number.isNaN(signatureAge)) throw new AwsError('InvalidArgument', 'The x-amz-date field is malformed.');
  return { accessKeyId: scope.accessKeyId, authType: 'POST', payload: { kind: 'unsigned' }, signatureAge };
}

/**
 * Verifies a browser form (POST policy) and says what the file may weigh.
 * @param fields as sent, by lower-case name, without the file; `bucket` is taken from the address.
 * @throws AwsError AccessDenied ("Invalid according to Policy: …"), SignatureDoesNotMatch, InvalidAccessKeyId, InvalidPolicyDocument,
 *   InvalidArgument for a missing field.
 */
export function verifyPostForm(fields: FormFields, bucket: string, verifier: Verifier): PostGrant | undefined {
  const policy = fields.get('policy');
  if (policy === undefined) return undefined;
  const identity = verifySignature(policy, fields, verifier);
  const { expiration, conditions } = parsePolicy(policy);
  if (expiration <= verifier.now()) throw refused('Policy expired.');
  const { min, max } = checkConditions(conditions, new Map([...fields, ['bucket', bucket]]));
  checkCoverage(conditions, fields.keys());
  return { identity, minLength: min, maxLength: max };
}
