import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { TransientError } from '@darkroom/runtime/errors';
import { eventSource } from '@darkroom/types/events';
import type { EmitEvent } from '../ports.ts';

/** Domain events on the account's default bus. Throws TransientError when the bus answers but does not take the event. */
export const createEmitEvent =
  (client: EventBridgeClient, stage: string): EmitEvent =>
  async ({ type, detail }) => {
    const entry = { Source: eventSource(stage), DetailType: type, Detail: JSON.stringify(detail) };
    const answer = await client.send(new PutEventsCommand({ Entries: [entry] }));
    // PutEvents answers 200 for entries it did not take.
    if ((answer.FailedEntryCount ?? 0) > 0)
      throw new TransientError(
        `${type} of ${detail.imageId} was refused: ${answer.Entries?.[0]?.ErrorCode ?? 'no reason'}`,
      );
  };
