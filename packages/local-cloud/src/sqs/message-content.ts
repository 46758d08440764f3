import { createHash } from 'node:crypto';
import { AwsError } from '../service.ts';
import { invalidParameter } from './errors.ts';
import type { MessageAttribute, MessageAttributes, SendEntry } from './input.ts';

/** 1 MiB, the limit of one message and of a batch altogether. */
export const MAX_BATCH_BYTES = 1_048_576;
/** AWS allows ten message attributes. */
const MAX_ATTRIBUTES = 10;
/** What SQS lets through: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const ATTRIBUTE_NAME = /^(?!(aws|amazon)\.)(?!\.)(?!.*\.\.)(?!.*\.$)[A-Za-z0-9_.-]{1,256}$/i;
const ATTRIBUTE_TYPE = /^(String|Number|Binary)(\..+)?$/;

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const isBinary = (attribute: MessageAttribute): boolean => (attribute.DataType ?? '').startsWith('Binary');

function bytesOf(attribute: MessageAttribute): Buffer {
  return isBinary(attribute)
    ? Buffer.from(attribute.BinaryValue ?? '', 'base64')
    : Buffer.from(attribute.StringValue ?? '');
}

function lengthPrefixed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Digest over names, types and values sorted by name; undefined when there are none.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function md5OfAttributes(attributes: MessageAttributes | undefined): string | undefined {
  const names = Object.keys(attributes ?? {}).sort();
  if (!attributes || names.length === 0) return undefined;
  const hash = createHash('md5');
  for (const name of names) {
    const attribute = attributes[name] ?? {};
    hash.update(lengthPrefixed(Buffer.from(name)));
    hash.update(lengthPrefixed(Buffer.from(attribute.DataType ?? '')));
    hash.update(Buffer.of(isBinary(attribute) ? 2 : 1));
    hash.update(lengthPrefixed(bytesOf(attribute)));
  }
  return hash.digest('hex');
}

/** Bytes that count against the limit: the body and every attribute's name, type and value. */
export function sizeOf(entry: Pick<SendEntry, 'MessageBody' | 'MessageAttributes'>): number {
  const attributes = Object.entries(entry.MessageAttributes ?? {});
  return attributes.reduce(
    (sum, [name, attribute]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType ?? '') + bytesOf(attribute).length,
    Buffer.byteLength(entry.MessageBody),
  );
}

function checkAttribute(name: string, attribute: MessageAttribute): void {
  if (!ATTRIBUTE_NAME.test(name)) {
    throw invalidParameter(
      'MessageAttributes',
      name,
      'The attribute name can contain A-Z, a-z, 0-9, underscore, hyphen and period, up to 256 characters, and must not start with AWS. or Amazon',
    );
  }
  const type = attribute.DataType ?? '';
  const wrong = (reason: string): AwsError =>
    new AwsError('InvalidParameterValue', `The message attribute '${name}' ${reason}.`);
  if (!ATTRIBUTE_TYPE.test(type)) {
    throw wrong(
      'has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String',
    );
  }
  const value = isBinary(attribute) ? attribute.BinaryValue : attribute.StringValue;
  if (value === undefined || value === '')
    throw wrong(`must contain a non-empty message attribute value of type ${type}`);
  if (type.startsWith('Number') && !Number.isFinite(Number(value)))
    throw wrong(`must hold a number but holds "${value}"`);
  if (!isBinary(attribute)) checkText(value);
}

function checkText(text: string): void {
  if (!FORBIDDEN.test(text)) return;
  throw new AwsError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
  );
}

/**
 * Checks body, attributes and size of a message that is to be sent.
 * @param maxBytes the queue's MaximumMessageSize
 * @throws AwsError InvalidMessageContents, InvalidParameterValue, MissingParameter
 */
export function checkMessage(entry: SendEntry, maxBytes: number): void {
  if (entry.MessageBody === '')
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  checkText(entry.MessageBody);
  const attributes = Object.entries(entry.MessageAttributes ?? {});
  if (attributes.length > MAX_ATTRIBUTES) {
    throw new AwsError(
      'InvalidParameterValue',
      `Number of message attributes [${attributes.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  for (const [name, attribute] of attributes) checkAttribute(name, attribute);
  if (sizeOf(entry) > maxBytes) {
    throw new AwsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`,
    );
  }
}

/** The attributes that a receiver asked for: by name, by prefix (`foo.*`), or all (`All`, `.*`). */
export function selectAttributes(attributes: MessageAttributes, wanted: readonly string[]): MessageAttributes {
  const isWanted = (name: string): boolean =>
    wanted.some(
      (want) => want === 'All' || want === name || (want.endsWith('.*') && name.startsWith(want.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}
