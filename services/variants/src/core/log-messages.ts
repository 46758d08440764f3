import { s3NotificationSchema, s3TestEventSchema } from '@darkroom/types/s3-event';
import * as z from 'zod';

/** Lambda's event for a batch of SQS messages, as far as it is read. */
export const queueEventSchema = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

const messageSchema = z.union([s3TestEventSchema.transform(() => []), s3NotificationSchema.transform(filesOf)]);

export interface LogFile {
  readonly bucket: string;
  readonly key: string;
}

function filesOf({ Records }: z.output<typeof s3NotificationSchema>): LogFile[] {
  return Records.map(({ s3 }) => ({
    bucket: s3.bucket.name,
    // S3 writes keys form-encoded. CloudFront's names are plain, but for the prefix that somebody may have chosen.
    key: decodeURIComponent(s3.object.key.replaceAll('+', ' ')),
  }));
}

/** The log files that a message of S3 tells of; none for its test event. Throws when it is no such message. */
export const logFilesOf = (body: string): LogFile[] => messageSchema.parse(JSON.parse(body));
