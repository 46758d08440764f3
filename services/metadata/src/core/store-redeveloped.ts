import type { ImageRecord } from '@darkroom/types/image';
import type { StoreInput, StoreResult } from '@darkroom/types/workflow';
import type { Clock, EmitEvent, RecordMeasures, SwapVersion } from '../ports.ts';
import { eventOf, redevelopedEvent } from './domain-events.ts';
import { redevelopedMeasures } from './measures.ts';

export interface RedevelopedPorts {
  readonly swapVersion: SwapVersion;
  readonly emit: EmitEvent;
  readonly record: RecordMeasures;
  readonly now: Clock;
}

type RedevelopedInput = Extract<StoreInput, { outcome: 'redeveloped' }>;

/**
 * The record was not as it was read. Either this very swap happened before and its answer was lost: the event goes out again.
 * Or the image was deleted: `image.deleted` goes out again, for the renditions that were written after they were purged. Or
 * other bytes or another ladder came first: nothing is left to do.
 */
const afterRefusal = async (
  { emit }: RedevelopedPorts,
  existing: ImageRecord | undefined,
  { task, metadata, replaces }: RedevelopedInput,
): Promise<StoreResult['status']> => {
  if (existing?.status === 'DELETED') {
    const event = eventOf(existing);
    if (event !== undefined) await emit(event);
  }
  const isMine = existing?.attempt === task.attempt && existing.metadata?.version === metadata.version;
  if (existing?.status !== 'READY' || !isMine) return 'SUPERSEDED';
  await emit(redevelopedEvent(existing, replaces));
  return 'READY';
};

/**
 * Swaps a READY image over to the version that it was rendered again under, by one conditional write, and tells of it. Until
 * then, and whatever fails before, the version before it is served. Safe to repeat at any point. Throws TransientError when the event
 * was not taken: the state machine then runs this state again.
 */
export const storeRedeveloped = async (ports: RedevelopedPorts, input: RedevelopedInput): Promise<StoreResult> => {
  const { task, metadata, families, replaces } = input;
  const { imageId, attempt } = task;
  const variants = families.flatMap((family) => family.variants);
  const written = await ports.swapVersion(
    { imageId, attempt },
    { replaces, version: metadata.version, variants },
    new Date(ports.now()).toISOString(),
  );
  if (!written.held) return { imageId, status: await afterRefusal(ports, written.existing, input) };
  ports.record(redevelopedMeasures);
  await ports.emit(redevelopedEvent(written.record, replaces));
  return { imageId, status: 'READY' };
};
