import type { ImageTask } from '@darkroom/types/workflow';
import type { ClaimImage, Clock, DiscardOriginal, HeadOriginal, QueueMessage, Tell } from '../ports.ts';
import { type ClaimCandidate, taskOf } from './claim.ts';
import { factsOf, type ImageFacts } from './facts.ts';
import type { Delivery } from './inbox.ts';
import { instantOf } from './instant.ts';

export interface TakePorts {
  readonly head: HeadOriginal;
  readonly claim: ClaimImage;
  readonly discard: DiscardOriginal;
  readonly now: Clock;
  readonly tell: Tell;
  readonly defaultTenant: string;
}

/** A claimed image and the messages that guard it: they are given back when it must be tried again. */
export interface TakenImage {
  readonly task: ImageTask;
  readonly guards: readonly QueueMessage[];
}

/** HEAD answered, and what it said; `facts` is null when the object is gone. */
interface Look {
  readonly facts: ImageFacts | null;
  readonly lastModified: number | undefined;
}

const look = async (ports: TakePorts, { bucket, key }: Delivery['request']): Promise<Look> => {
  const head = await ports.head(bucket, key);
  return { facts: head ? factsOf(head, ports.defaultTenant) : null, lastModified: head?.lastModified };
};

const candidateOf = ({ request, message }: Delivery, { facts, lastModified }: Look, now: number): ClaimCandidate => ({
  imageId: request.imageId,
  bucket: request.bucket,
  key: request.key,
  sequencer: request.sequencer,
  facts,
  uploadedAt: request.eventTime ?? instantOf(lastModified ?? now),
  redrive: request.redrive,
  messageId: message.messageId,
  receiveCount: message.receiveCount,
});

/**
 * Claims one image for one of its deliveries. Each delivery is tried in turn until one holds the claim, since any of them
 * may be the redelivery that proves the former holder gone. Bytes that came after their image was deleted are deleted again. Undefined when none of them has anything left to do. An object
 * that is gone needs nothing, unless the sweeper asks: then the catalogue waits for an end of it, and the workflow finds one.
 * Throws what HEAD or the catalogue throw.
 */
export const takeImage = async (
  ports: TakePorts,
  deliveries: readonly [Delivery, ...Delivery[]],
): Promise<TakenImage | undefined> => {
  const [{ request }] = deliveries;
  const seen = await look(ports, request);
  const able = seen.facts === null ? deliveries.filter((delivery) => delivery.request.redrive) : deliveries;
  if (able.length < deliveries.length)
    ports.tell('info', 'original is gone, nothing to process', { imageId: request.imageId, key: request.key });
  for (const delivery of able) {
    const now = ports.now();
    const outcome = await ports.claim(candidateOf(delivery, seen, now), now);
    if (outcome.kind === 'claimed') {
      const task = taskOf(outcome.record, seen.facts?.announcedSha256 ?? null);
      return { task, guards: deliveries.map(({ message }) => message) };
    }
    const { messageId } = delivery.message;
    ports.tell('info', 'nothing to do for a message', { imageId: request.imageId, messageId, because: outcome.kind });
    if (outcome.kind === 'deleted') await ports.discard(request.bucket, request.key);
    if (outcome.kind !== 'held') return undefined;
  }
  return undefined;
};
