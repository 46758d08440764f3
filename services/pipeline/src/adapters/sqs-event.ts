import * as z from 'zod';
import type { QueueMessage } from '../ports.ts';

/** Lambda's event for a batch of SQS messages, as far as it is read. */
export const sqsEventSchema = z.object({
  Records: z.array(
    z.object({
      messageId: z.string().min(1),
      receiptHandle: z.string(),
      body: z.string(),
      attributes: z.object({ ApproximateReceiveCount: z.coerce.number().pipe(z.int().positive()) }),
    }),
  ),
});

export const messagesOf = ({ Records }: z.output<typeof sqsEventSchema>): QueueMessage[] =>
  Records.map(({ messageId, receiptHandle, body, attributes }) => ({
    messageId,
    receiptHandle,
    body,
    receiveCount: attributes.ApproximateReceiveCount,
  }));
