import { s3Error } from '../errors.ts';
import { child, nodes, text, type XmlNode } from '../http/xml.ts';
import type { StoredObject } from '../store/model.ts';

export interface LifecycleRule {
  readonly prefix: string;
  readonly tags: readonly (readonly [string, string])[];
  readonly minSize: number;
  readonly maxSize: number;
  /** Days after the last change, or a moment in milliseconds, after which objects expire. */
  readonly expiration: { readonly days: number } | { readonly date: number } | undefined;
  /** Days after which an upload that was not completed is aborted. */
  readonly abortDays: number | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_RULES = 1000;

function readDays(node: XmlNode | undefined, name: string): number | undefined {
  const value = node && text(node, name);
  if (value === undefined) return undefined;
  const days = Number(value);
  if (Number.isInteger(days) && days > 0) return days;
  throw s3Error('InvalidArgument', { message: `'${name}' for the lifecycle action must be a positive integer` });
}

function readExpiration(rule: XmlNode): LifecycleRule['expiration'] {
  const node = child(rule, 'Expiration');
  const days = readDays(node, 'Days');
  if (days !== undefined) return { days };
  const date = Date.parse((node && text(node, 'Date')) ?? '');
  return Number.isNaN(date) ? undefined : { date };
}

function toRule(rule: XmlNode): LifecycleRule & { isEnabled: boolean } {
  const status = text(rule, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw s3Error('MalformedXML');
  const filter = child(rule, 'Filter') ?? {};
  const all = child(filter, 'And') ?? filter;
  return {
    isEnabled: status === 'Enabled',
    prefix: text(all, 'Prefix') ?? text(rule, 'Prefix') ?? '',
    tags: nodes(all, 'Tag').map((tag) => [text(tag, 'Key') ?? '', text(tag, 'Value') ?? ''] as const),
    minSize: Number(text(all, 'ObjectSizeGreaterThan') ?? -1),
    maxSize: Number(text(all, 'ObjectSizeLessThan') ?? Number.POSITIVE_INFINITY),
    expiration: readExpiration(rule),
    abortDays: readDays(child(rule, 'AbortIncompleteMultipartUpload'), 'DaysAfterInitiation'),
  };
}

/** The enabled rules of a LifecycleConfiguration document. @throws AwsError MalformedXML, InvalidArgument */
export function parseLifecycle(document: XmlNode): LifecycleRule[] {
  const rules = nodes(document, 'Rule');
  if (rules.length === 0 || rules.length > MAX_RULES) throw s3Error('MalformedXML');
  return rules.map(toRule).filter(({ isEnabled }) => isEnabled);
}

/** S3 counts days from the moment and rounds up to the next midnight UTC. */
export function dueAt(start: number, days: number): number {
  return Math.ceil((start + days * DAY_MS) / DAY_MS) * DAY_MS;
}

/** The latest start of something that is due by `now`. */
export function startOfDue(now: number, days: number): number {
  return Math.floor(now / DAY_MS) * DAY_MS - days * DAY_MS;
}

export function isExpired(
  { expiration, tags, minSize, maxSize }: LifecycleRule,
  object: StoredObject,
  now: number,
): boolean {
  if (!expiration || object.size <= minSize || object.size >= maxSize) return false;
  if (!tags.every(([key, value]) => object.details.tags?.[key] === value)) return false;
  return now >= ('date' in expiration ? expiration.date : dueAt(object.modified, expiration.days));
}
