import { AwsError } from '../service.ts';

/** Attributes of a queue as SQS keeps them: text by name. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** Ranges and defaults of https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const NUMBERS: Readonly<Record<string, { min: number; max: number; default: number }>> = {
  DelaySeconds: { min: 0, max: 900, default: 0 },
  MaximumMessageSize: { min: 1024, max: 1_048_576, default: 1_048_576 },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, default: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: 20, default: 0 },
  VisibilityTimeout: { min: 0, max: 43_200, default: 30 },
};
const KMS_REUSE_SECONDS = { min: 60, max: 86_400 };
const BOOLEANS = new Set(['SqsManagedSseEnabled', 'FifoQueue', 'ContentBasedDeduplication']);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  DeduplicationScope: ['messageGroup', 'queue'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};
const JSON_ATTRIBUTES = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy']);
const FREE = new Set(['KmsMasterKeyId']);
const FIFO_ONLY = new Set(['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit']);
/** Attributes that SQS computes; asked for by name, never set. */
const COMPUTED = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
] as const;

export type ComputedName = (typeof COMPUTED)[number];

const READABLE = new Set<string>([
  ...Object.keys(NUMBERS),
  ...BOOLEANS,
  ...Object.keys(CHOICES),
  ...JSON_ATTRIBUTES,
  ...FREE,
  'KmsDataKeyReusePeriodSeconds',
  ...COMPUTED,
]);

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

const invalidValue = (name: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
const invalidName = (name: string): AwsError => new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);

function inRange(value: string, { min, max }: { min: number; max: number }): boolean {
  return /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
}

function isJsonObject(value: string): boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null;
  } catch {
    // Not JSON at all: just as wrong as JSON of another shape, and the caller says which attribute.
    return false;
  }
}

function isAcceptable(name: string, value: string): boolean {
  const range = name === 'KmsDataKeyReusePeriodSeconds' ? KMS_REUSE_SECONDS : NUMBERS[name];
  if (range) return inRange(value, range);
  if (BOOLEANS.has(name)) return value === 'true' || value === 'false';
  const choices = CHOICES[name];
  if (choices) return choices.includes(value);
  return JSON_ATTRIBUTES.has(name) ? value === '' || isJsonObject(value) : true;
}

/**
 * Checks attributes that a client wants to set.
 * @throws AwsError InvalidAttributeName for one that does not exist or cannot be set, InvalidAttributeValue for a value out of range
 */
export function checkAttributes(attributes: QueueAttributes, isFifo: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!READABLE.has(name) || COMPUTED.some((computed) => computed === name)) throw invalidName(name);
    if (!isAcceptable(name, value)) throw invalidValue(name);
    if (FIFO_ONLY.has(name) && !isFifo) throw invalidName(name);
  }
  if (attributes.FifoQueue !== undefined && (attributes.FifoQueue === 'true') !== isFifo)
    throw invalidName('FifoQueue');
  readRedrivePolicy(attributes);
}

/** @throws AwsError InvalidAttributeName for names that no queue has */
export function checkNames(names: readonly string[]): void {
  for (const name of names) if (name !== 'All' && !READABLE.has(name)) throw invalidName(name);
}

/** All settable attributes of a new queue: what was given over the defaults. Empty texts mean "not set". */
export function completeAttributes(given: QueueAttributes, isFifo: boolean): QueueAttributes {
  const numbers = Object.fromEntries(
    Object.entries(NUMBERS).map(([name, { default: value }]) => [name, String(value)]),
  );
  const fifo = isFifo
    ? {
        FifoQueue: 'true',
        ContentBasedDeduplication: 'false',
        DeduplicationScope: 'queue',
        FifoThroughputLimit: 'perQueue',
      }
    : {};
  return withoutEmpty({ ...numbers, SqsManagedSseEnabled: 'true', ...fifo, ...given });
}

export function withoutEmpty(attributes: QueueAttributes): QueueAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}

/** Name of the first given attribute that an existing queue holds with another value; JSON is compared by meaning. */
export function differingAttribute(given: QueueAttributes, existing: QueueAttributes): string | undefined {
  return Object.keys(given).find((name) => canonical(name, given[name]) !== canonical(name, existing[name]));
}

function canonical(name: string, value: string | undefined): string {
  if (value === undefined || value === '' || !JSON_ATTRIBUTES.has(name)) return value ?? '';
  const parsed: unknown = JSON.parse(value);
  return JSON.stringify(
    Object.entries(parsed as Record<string, unknown>)
      .map(([key, item]) => [key, typeof item === 'number' ? String(item) : item])
      .sort(([a], [b]) => String(a).localeCompare(String(b))),
  );
}

/** The most often a message may be received before it goes to the dead-letter queue, by AWS's documentation. */
const MAX_RECEIVE_COUNT = { min: 1, max: 1000 };

/** The dead-letter queue of a queue, if it has one. @throws AwsError InvalidParameterValue for a policy of the wrong shape */
export function readRedrivePolicy(attributes: QueueAttributes): RedrivePolicy | undefined {
  const text = attributes.RedrivePolicy;
  if (text === undefined || text === '') return undefined;
  const policy = JSON.parse(text) as { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown };
  const count = String(policy.maxReceiveCount);
  if (typeof policy.deadLetterTargetArn === 'string' && inRange(count, MAX_RECEIVE_COUNT)) {
    return { deadLetterTargetArn: policy.deadLetterTargetArn, maxReceiveCount: Number(count) };
  }
  throw new AwsError(
    'InvalidParameterValue',
    `Value ${text} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount or deadLetterTargetArn.`,
  );
}

/** A numeric attribute in milliseconds. */
export function milliseconds(attributes: QueueAttributes, name: string): number {
  return Number(attributes[name] ?? NUMBERS[name]?.default ?? 0) * 1000;
}
