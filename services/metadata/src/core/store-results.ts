import type { ImageRecord } from '@darkroom/types/image';
import type { StoreInput, StoreResult } from '@darkroom/types/workflow';
import type { EmitEvent, ReleaseClaim, WriteTerminal } from '../ports.ts';
import { eventOf } from './domain-events.ts';
import { retryMeasures, terminalMeasures } from './measures.ts';
import { type AttemptInput, planStore, type Terminal } from './store-plan.ts';
import { type RedevelopedPorts, storeRedeveloped } from './store-redeveloped.ts';

export interface StorePorts extends RedevelopedPorts {
  readonly writeTerminal: WriteTerminal;
  readonly release: ReleaseClaim;
  readonly maxAttempts: number;
}

const isTerminal = (status: ImageRecord['status']): status is Terminal['status'] =>
  status === 'READY' || status === 'REJECTED' || status === 'REVIEW' || status === 'FAILED';

/** Tells the world of a record's state. The write came first, so a repeat after a failed event only sends the event again. */
const announce = async (emit: EmitEvent, record: ImageRecord): Promise<void> => {
  const event = eventOf(record);
  if (event !== undefined) await emit(event);
};

/**
 * The claim no longer held. Either this very attempt wrote before and its answer was lost (same attempt, terminal): the
 * event goes out again and the answer is the same. Or the image was deleted meanwhile: `image.deleted` goes out again, for
 * the renditions that this attempt wrote after they were purged. Or a newer attempt owns the image: nothing to do.
 */
const afterLostClaim = async (
  emit: EmitEvent,
  existing: ImageRecord | undefined,
  attempt: number,
): Promise<StoreResult['status']> => {
  if (existing?.status === 'DELETED') await announce(emit, existing);
  if (existing?.attempt !== attempt || !isTerminal(existing.status)) return 'SUPERSEDED';
  await announce(emit, existing);
  return existing.status;
};

const storeAttempt = async (ports: StorePorts, input: AttemptInput): Promise<StoreResult> => {
  const { imageId, attempt } = input.task;
  const plan = planStore(input, ports.maxAttempts);
  const now = ports.now();
  const written =
    plan.kind === 'release'
      ? await ports.release({ imageId, attempt }, plan.message, now)
      : await ports.writeTerminal({ imageId, attempt }, plan.terminal, new Date(now).toISOString());
  if (!written.held) return { imageId, status: await afterLostClaim(ports.emit, written.existing, attempt) };
  if (plan.kind === 'release') {
    ports.record(retryMeasures);
    return { imageId, status: 'RETRY' };
  }
  ports.record(terminalMeasures(written.record));
  await announce(ports.emit, written.record);
  return { imageId, status: plan.terminal.status };
};

/**
 * The one write that ends an attempt, conditional on the claim (fencing), or the swap of a READY image's versions, and the event
 * after it. Safe to repeat at any point. Throws TransientError when the event was not taken: the state machine then runs this
 * state again.
 */
export const storeResults = (ports: StorePorts, input: StoreInput): Promise<StoreResult> =>
  input.outcome === 'redeveloped' ? storeRedeveloped(ports, input) : storeAttempt(ports, input);
