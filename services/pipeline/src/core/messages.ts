import { expected } from '@darkroom/runtime/errors';
import { originalKey } from '@darkroom/types/keys';
import { redriveMessageSchema, type S3Record, s3NotificationSchema, s3TestEventSchema } from '@darkroom/types/s3-event';
import { parseEventTime } from './instant.ts';
import { decodeKey } from './original-key.ts';
import { canonicalSequencer } from './sequencer.ts';

/** One image that a message asks to be processed. */
export interface ImageRequest {
  readonly imageId: string;
  readonly bucket: string;
  readonly key: string;
  /** Canonical; empty when unknown. */
  readonly sequencer: string;
  /** When S3 had the bytes, as an instant; undefined when the message does not say. */
  readonly eventTime: string | undefined;
  /** From the sweeper, about an image that the catalogue knows. */
  readonly redrive: boolean;
}

/** What a message asks for, and one sentence for each part of it that cannot be understood. */
export interface ParsedMessage {
  readonly requests: readonly ImageRequest[];
  readonly complaints: readonly string[];
}

const complaint = (sentence: string): ParsedMessage => ({ requests: [], complaints: [sentence] });

/** AWS leaves the prefix `s3:` out of the event's name; some servers keep it. */
const CREATED = /^(?:s3:)?ObjectCreated:/;

const requestOf = ({ eventName, eventTime, s3 }: S3Record, bucket: string): ImageRequest | string => {
  if (!CREATED.test(eventName)) return expected('an ObjectCreated event', 'eventName', eventName);
  if (s3.bucket.name !== bucket) return expected(`the bucket ${bucket}`, 's3.bucket.name', s3.bucket.name);
  const original = decodeKey(s3.object.key);
  if (original === undefined) return expected('the key of an original', 's3.object.key', s3.object.key);
  const sequencer = canonicalSequencer(s3.object.sequencer);
  return { ...original, bucket, sequencer, eventTime: parseEventTime(eventTime), redrive: false };
};

const parseNotification = (records: readonly S3Record[], bucket: string): ParsedMessage => {
  if (records.length === 0) return complaint(expected('at least one record', 'Records', records));
  const parsed = records.map((record) => requestOf(record, bucket));
  return {
    requests: parsed.filter((one) => typeof one !== 'string'),
    complaints: parsed.filter((one) => typeof one === 'string'),
  };
};

const parseRedrive = (message: { imageId: string; bucket: string; key: string }, bucket: string): ParsedMessage => {
  const { imageId, key } = message;
  if (message.bucket !== bucket) return complaint(expected(`the bucket ${bucket}`, 'bucket', message.bucket));
  if (key !== originalKey(imageId)) return complaint(expected(`the key of ${imageId}`, 'key', key));
  return { requests: [{ imageId, bucket, key, sequencer: '', eventTime: undefined, redrive: true }], complaints: [] };
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    // JSON has no undefined, so this is no value that could have been sent.
    return undefined;
  }
};

/**
 * Reads the body of a message on the ingest queue: a notification of the originals bucket with one or more records, S3's
 * test event (asks for nothing), or the sweeper's redrive. `bucket` is the originals bucket. Never throws: what cannot be
 * understood is a complaint, and its neighbours are requests all the same.
 */
export const parseMessage = (body: string, bucket: string): ParsedMessage => {
  const value = parseJson(body);
  if (value === undefined) return complaint(expected('JSON', 'the message', body));
  if (s3TestEventSchema.safeParse(value).success) return { requests: [], complaints: [] };
  const redrive = redriveMessageSchema.safeParse(value);
  if (redrive.success) return parseRedrive(redrive.data, bucket);
  const notification = s3NotificationSchema.safeParse(value);
  if (notification.success) return parseNotification(notification.data.Records, bucket);
  return complaint(expected('a notification of S3 or a redrive', 'the message', body));
};
