import * as z from 'zod';

/**
 * One record of an S3 notification, as far as Darkroom reads it. `key` is still as the server wrote it: AWS writes
 * form encoding (`+` for a space), other servers percent-encoding or raw text; see `decodeKey` in services/pipeline.
 */
export const s3RecordSchema = z.object({
  eventName: z.string(),
  /** ISO 8601; some servers leave out the zone. */
  eventTime: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size: z.number().optional(),
      eTag: z.string().optional(),
      /** Hex; orders the events of one key only, compared right-padded. Some servers leave it out. */
      sequencer: z.string().optional(),
    }),
  }),
});
export const s3NotificationSchema = z.object({ Records: z.array(s3RecordSchema) });
/** What S3 sends when a notification is configured: it has no Records and asks for nothing. */
export const s3TestEventSchema = z.object({ Event: z.literal('s3:TestEvent') });
/** What the sweeper puts on the ingest queue for an image whose lease ran out. */
export const redriveMessageSchema = z.strictObject({
  kind: z.literal('redrive'),
  imageId: z.ulid(),
  bucket: z.string(),
  key: z.string(),
});

export type S3Record = z.infer<typeof s3RecordSchema>;
export type S3Notification = z.infer<typeof s3NotificationSchema>;
export type RedriveMessage = z.infer<typeof redriveMessageSchema>;
