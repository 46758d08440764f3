import { invalidArgument } from '../errors.ts';
import { child, nodes, text, texts, type XmlNode } from '../http/xml.ts';

/** What happened, in the names of S3's events without `s3:`. */
export type EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectTagging:Put'
  | 'ObjectTagging:Delete'
  | 'LifecycleExpiration:Delete';

export interface QueueRule {
  readonly id: string;
  readonly queueArn: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const KNOWN_EVENTS =
  /^s3:(ReducedRedundancyLostObject|ObjectCreated:(\*|Put|Post|Copy|CompleteMultipartUpload)|ObjectRemoved:(\*|Delete|DeleteMarkerCreated)|ObjectRestore:(\*|Post|Completed|Delete)|Replication:(\*|Operation\w+)|LifecycleExpiration:(\*|Delete|DeleteMarkerCreated)|LifecycleTransition|IntelligentTiering|ObjectTagging:(\*|Put|Delete)|ObjectAcl:Put)$/;

function filterOf(configuration: XmlNode): { prefix: string; suffix: string } {
  const found = { prefix: '', suffix: '' };
  const filter = child(configuration, 'Filter');
  for (const rule of nodes(filter ? (child(filter, 'S3Key') ?? {}) : {}, 'FilterRule')) {
    const name = (text(rule, 'Name') ?? '').toLowerCase();
    if (name !== 'prefix' && name !== 'suffix')
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', name);
    found[name] = text(rule, 'Value') ?? '';
  }
  return found;
}

function toRule(configuration: XmlNode): QueueRule {
  const events = texts(configuration, 'Event');
  const unknown = events.find((event) => !KNOWN_EVENTS.test(event));
  if (unknown !== undefined)
    throw invalidArgument(`The event '${unknown}' is not supported for notifications`, 'Event', unknown);
  const queueArn = text(configuration, 'Queue') ?? '';
  if (!queueArn.startsWith('arn:')) throw invalidArgument('The ARN could not be parsed', 'Queue', queueArn);
  return { id: text(configuration, 'Id') ?? '', queueArn, events, ...filterOf(configuration) };
}

const matches = (pattern: string, event: string): boolean =>
  pattern === `s3:${event}` || (pattern.endsWith(':*') && `s3:${event}`.startsWith(pattern.slice(0, -1)));

function overlap(a: QueueRule, b: QueueRule): boolean {
  const sameEvent = a.events.some((event) =>
    b.events.some((other) => matches(event, other.slice('s3:'.length)) || matches(other, event.slice('s3:'.length))),
  );
  const samePrefix = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
  const sameSuffix = a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix);
  return sameEvent && samePrefix && sameSuffix;
}

/**
 * The queue rules of a NotificationConfiguration document.
 * @throws AwsError InvalidArgument for what S3 refuses: unknown events or filters, rules that overlap, other destinations.
 */
export function parseQueueRules(configuration: XmlNode): QueueRule[] {
  for (const other of ['TopicConfiguration', 'CloudFunctionConfiguration', 'LambdaFunctionConfiguration']) {
    if (nodes(configuration, other).length > 0) {
      throw invalidArgument(
        'Unable to validate the following destination configurations',
        other,
        'not available in the embedded system',
      );
    }
  }
  const rules = nodes(configuration, 'QueueConfiguration').map(toRule);
  const clash = rules.find((rule, index) => rules.slice(index + 1).some((other) => overlap(rule, other)));
  if (clash) {
    throw invalidArgument(
      'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
      'Id',
      clash.id,
    );
  }
  return rules;
}

/** The rules that want to hear of an event on a key. */
export function rulesFor(rules: readonly QueueRule[], event: EventName, key: string): QueueRule[] {
  return rules.filter(
    ({ events, prefix, suffix }) =>
      key.startsWith(prefix) && key.endsWith(suffix) && events.some((pattern) => matches(pattern, event)),
  );
}

/** Keys in events are form-encoded: a plus for a space, slashes as they are. */
export function encodeEventKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

export interface EventFacts {
  readonly event: EventName;
  readonly bucket: string;
  readonly key: string;
  /** Left out when the object is gone. */
  readonly size?: number;
  readonly etag?: string;
  readonly sequencer: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly requestId: string;
  readonly region: string;
  readonly accountId: string;
  readonly sourceIp: string;
}

/** One notification (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html, version 2.1). */
export function eventMessage(configurationId: string, facts: EventFacts): string {
  const { size, etag } = facts;
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: facts.region,
        eventTime: new Date(facts.time).toISOString(),
        eventName: facts.event,
        userIdentity: { principalId: `AWS:${facts.accountId}` },
        requestParameters: { sourceIPAddress: facts.sourceIp },
        responseElements: { 'x-amz-request-id': facts.requestId, 'x-amz-id-2': facts.requestId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: {
            name: facts.bucket,
            ownerIdentity: { principalId: facts.accountId },
            arn: `arn:aws:s3:::${facts.bucket}`,
          },
          object: { key: encodeEventKey(facts.key), size, eTag: etag, sequencer: facts.sequencer },
        },
      },
    ],
  });
}

/** What S3 sends once when a configuration is put. */
export function testMessage(bucket: string, requestId: string, time: number): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(time).toISOString(),
    Bucket: bucket,
    RequestId: requestId,
    HostId: requestId,
  });
}
