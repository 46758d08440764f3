import type { ImageRecord } from '@darkroom/types/image';
import type { ImageTask, StoreInput, StoreResult } from '@darkroom/types/workflow';
import type { EmitEvent, ReleaseClaim, WriteTerminal } from '../ports.ts';
import { eventOf } from './domain-events.ts';
import { retryMeasures, terminalMeasures } from './measures.ts';
import { indexImage, type IndexPorts } from './search/index-image.ts';
import { postingsOf } from './search/terms.ts';
import { type AttemptInput, planStore, type StorePlan, type Terminal } from './store-plan.ts';
import { type RedevelopedPorts, storeRedeveloped } from './store-redeveloped.ts';

export interface StorePorts extends IndexPorts, RedevelopedPorts {
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

/** What follows a terminal write, each step safe to repeat: search finds the image, then the world is told. */
const settle = async (ports: StorePorts, record: ImageRecord): Promise<void> => {
  await indexImage(ports, record);
  await announce(ports.emit, record);
};

/** What an attempt may have left in the search index before the image was deleted. */
const forget = async ({ deletePostings }: StorePorts, { imageId, tenant, owner }: ImageTask, plan: StorePlan) => {
  const metadata = plan.kind === 'terminal' && 'metadata' in plan.terminal ? plan.terminal.metadata : null;
  const postings = postingsOf({ imageId, tenant, owner, metadata });
  if (postings.length > 0) await deletePostings(postings);
};

/**
 * The claim no longer held. Either this very attempt wrote before and its answer was lost (same attempt, terminal): what
 * follows is done again and the answer is the same. Or the image was deleted meanwhile: `image.deleted` goes out again, for
 * the renditions that this attempt wrote after they were purged. Or a newer attempt owns the image: nothing to do.
 */
const afterLostClaim = async (
  ports: StorePorts,
  { task, plan }: { readonly task: ImageTask; readonly plan: StorePlan },
  existing: ImageRecord | undefined,
): Promise<StoreResult['status']> => {
  if (existing?.status === 'DELETED') {
    await forget(ports, task, plan);
    await announce(ports.emit, existing);
  }
  if (existing?.attempt !== task.attempt || !isTerminal(existing.status)) return 'SUPERSEDED';
  await settle(ports, existing);
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
  if (!written.held) {
    const { existing } = written;
    return { imageId, status: await afterLostClaim(ports, { task: input.task, plan }, existing) };
  }
  if (plan.kind === 'release') {
    ports.record(retryMeasures);
    return { imageId, status: 'RETRY' };
  }
  ports.record(terminalMeasures(written.record));
  await settle(ports, written.record);
  return { imageId, status: plan.terminal.status };
};

/**
 * The one write that ends an attempt, conditional on the claim (fencing), or the swap of a READY image's versions, and the event
 * after it. Safe to repeat at any point. Throws TransientError when the event was not taken: the state machine then runs this
 * state again.
 */
export const storeResults = (ports: StorePorts, input: StoreInput): Promise<StoreResult> =>
  input.outcome === 'redeveloped' ? storeRedeveloped(ports, input) : storeAttempt(ports, input);
