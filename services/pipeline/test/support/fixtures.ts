import type { ImageRecord } from '@darkroom/types/image';
import { originalKey } from '@darkroom/types/keys';
import type { ClaimCandidate } from '../../src/core/claim.ts';
import type { ImageFacts } from '../../src/core/facts.ts';
import type { OriginalHead, QueueMessage } from '../../src/ports.ts';

/** 2026-11-23T20:40:00.000Z. */
export const NOW = Date.UTC(2026, 10, 23, 20, 40);
export const BUCKET = 'originals';

/** The n-th of many image ids. */
export const nthId = (n: number): string => `01KAS0V1CZ8Y4W3T2R1Q${String(n).padStart(6, '0')}`;
export const IMAGE_ID = nthId(1);

export const facts: ImageFacts = {
  tenant: 'acme',
  owner: 'ada',
  filename: 'a.jpg',
  declaredType: 'image/jpeg',
  announcedSha256: 'a'.repeat(64),
  etag: 'e1',
  bytes: 3_000_000,
};

export const head: OriginalHead = {
  etag: '"e1"',
  bytes: 3_000_000,
  contentType: 'image/jpeg',
  lastModified: NOW - 3_000,
  metadata: { tenant: 'acme', owner: 'ada', filename: 'a.jpg', sha256: 'a'.repeat(64) },
};

export const candidate = (changes: Partial<ClaimCandidate> = {}): ClaimCandidate => ({
  imageId: IMAGE_ID,
  bucket: BUCKET,
  key: originalKey(IMAGE_ID),
  sequencer: '0055AED6DCD9',
  facts,
  uploadedAt: '2026-11-23T20:39:58.000Z',
  redrive: false,
  messageId: 'm1',
  receiveCount: 1,
  ...changes,
});

export const record = (changes: Partial<ImageRecord> = {}): ImageRecord => ({
  schemaVersion: 1,
  imageId: IMAGE_ID,
  tenant: 'acme',
  owner: 'ada',
  status: 'PROCESSING',
  attempt: 1,
  etag: 'e1',
  sequencer: '0055AED6DCD9',
  bucket: BUCKET,
  key: originalKey(IMAGE_ID),
  bytes: 3_000_000,
  filename: 'a.jpg',
  declaredType: 'image/jpeg',
  uploadedAt: '2026-11-23T20:39:58.000Z',
  updatedAt: '2026-11-23T20:39:59.000Z',
  terminalAt: null,
  reason: null,
  header: null,
  metadata: null,
  variants: [],
  ...changes,
});

/** A record that `m1` claimed when it was first received; the lease has a minute left. */
export const claimed = (changes: Partial<ImageRecord> = {}): ImageRecord =>
  record({
    leaseShard: 'L0',
    leaseUntil: NOW + 60_000,
    claimMessageId: 'm1',
    claimReceiveCount: 1,
    ...changes,
  });

/** One record of a notification, as AWS writes it. */
export const s3Record = (imageId: string, changes: { key?: string; bucket?: string; eventName?: string } = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-west-1',
  eventTime: '2026-11-23T20:39:58.000Z',
  eventName: changes.eventName ?? 'ObjectCreated:Post',
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: changes.bucket ?? BUCKET, arn: 'arn:aws:s3:::originals' },
    object: { key: changes.key ?? originalKey(imageId), size: 3_000_000, eTag: 'e1', sequencer: '0055AED6DCD90' },
  },
});

export const notification = (...imageIds: string[]): string =>
  JSON.stringify({ Records: imageIds.map((imageId) => s3Record(imageId)) });

export const message = (body: string, changes: Partial<QueueMessage> = {}): QueueMessage => {
  const messageId = changes.messageId ?? 'm1';
  return { messageId, receiptHandle: `handle of ${messageId}`, body, receiveCount: 1, ...changes };
};

/** Each way a message can be beyond understanding. */
export const poisons: Readonly<Record<string, string>> = {
  'no JSON': '{"Records":[{',
  'JSON that is no object': '"hello"',
  'no Records': '{"hello":"world"}',
  'empty Records': '{"Records":[]}',
  'a record without s3': '{"Records":[{"eventName":"ObjectCreated:Put","eventTime":"2026-11-23T20:39:58.000Z"}]}',
  'a foreign bucket': JSON.stringify({ Records: [s3Record(IMAGE_ID, { bucket: 'somebody-elses' })] }),
  'an event that created nothing': JSON.stringify({
    Records: [s3Record(IMAGE_ID, { eventName: 'ObjectRemoved:Delete' })],
  }),
  'a key that is no original': JSON.stringify({ Records: [s3Record(IMAGE_ID, { key: 'originals/holiday.jpg' })] }),
  'a key of broken encoding': JSON.stringify({ Records: [s3Record(IMAGE_ID, { key: '%E0%A4%A' })] }),
  'a shard that is not its own': JSON.stringify({
    Records: [s3Record(IMAGE_ID, { key: `originals/zz/${IMAGE_ID}/source` })],
  }),
  'a redrive of another key': JSON.stringify({ kind: 'redrive', imageId: IMAGE_ID, bucket: BUCKET, key: 'elsewhere' }),
};

export const TEST_EVENT = JSON.stringify({
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-11-23T20:00:00.000Z',
  Bucket: BUCKET,
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
});
