import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { TransientError } from '@darkroom/runtime/errors';
import type { RedevelopMessage } from '../core/redevelop.ts';
import type { StartPorts } from '../core/start-reprocess.ts';

/** What SQS takes in one call. */
const BATCH = 10;

const bodyOf = (imageId: string): string => JSON.stringify({ kind: 'redevelop', imageId } satisfies RedevelopMessage);

/** Throws TransientError when SQS did not take all of them. */
export const createEnqueue =
  (client: SQSClient, queueUrl: string): StartPorts['enqueue'] =>
  async (imageIds) => {
    for (let from = 0; from < imageIds.length; from += BATCH) {
      const entries = imageIds
        .slice(from, from + BATCH)
        .map((imageId) => ({ Id: imageId, MessageBody: bodyOf(imageId) }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
      if (Failed.length > 0)
        throw new TransientError(`SQS did not take ${Failed.length} of ${entries.length} messages`);
    }
  };
