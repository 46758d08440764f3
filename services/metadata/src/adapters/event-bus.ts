import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { TransientError } from '@darkroom/runtime/errors';
import { eventSource } from '@darkroom/types/events';
import type { EmitEvent } from '../ports.ts';

/** Domain events on the account's default bus. Every failure is a TransientError: the record is written, only the news is missing. */
export const createEmitEvent =
  (client: EventBridgeClient, stage: string): EmitEvent =>
  async ({ type, detail }) => {
    const entry = { Source: eventSource(stage), DetailType: type, Detail: JSON.stringify(detail) };
    const answer = await client.send(new PutEventsCommand({ Entries: [entry] })).catch((cause: unknown) => {
      throw new TransientError(`${type} of ${detail.imageId} was not sent`, { cause });
    });
    // PutEvents answers 200 for entries it did not take.
    const refused = answer.Entries?.[0]?.ErrorCode;
    if ((answer.FailedEntryCount ?? 0) > 0)
      throw new TransientError(`${type} of ${detail.imageId} was refused: ${refused ?? 'no reason given'}`);
  };
