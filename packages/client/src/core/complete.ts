import type { ChunkOrder } from '@darkroom/types/api';
import { ApiRefusal, type Ticket } from './api.ts';
import { asError, UploadError } from './errors.ts';
import { sleep } from './ports.ts';
import { type Job, readSource, viaOf } from './run.ts';
import { hashPiece, orderOf } from './signer.ts';

/** Bytes read at once to hash what was stored by an earlier run. */
const SLICE = 1_048_576;
/** After so long without an answer to the completing call, the status is asked instead, in milliseconds: the answer may be lost. */
const ASK_AFTER_MS = 5_000;
/** Completions that ask for bytes again: each sends at least one chunk anew, so more means that storage and file never agree. */
export const MOST_RESENDS = 8;

/** Hashes what did not pass by while it was sent, so that the hash of the whole is known. */
const catchUp = async (job: Job): Promise<string> => {
  const { whole, source } = job;
  while (whole.upTo < source.size) {
    const end = Math.min(source.size, whole.upTo + SLICE);
    whole.stream.update(await readSource(job.source, whole.upTo, end));
    whole.upTo = end;
  }
  whole.hex ??= whole.stream.hex();
  return whole.hex;
};

/** Asks for the state now and then; resolves once the original is there, and never otherwise. */
const untilThere = async (job: Job, ticket: Ticket, signal: AbortSignal): Promise<void> => {
  for (let wait = ASK_AFTER_MS; ; wait *= 1.5) {
    await sleep(job.ports, wait, signal);
    const status = await job.api.probe(ticket, { signal, limit: wait }).catch(asError);
    signal.throwIfAborted();
    if (!(status instanceof Error) && status.state === 'complete') return;
  }
};

const callComplete = async (job: Job, ticket: Ticket, outer: AbortSignal): Promise<void> => {
  const chunks: ChunkOrder[] = [];
  for (const piece of job.ledger.inState('stored')) {
    await hashPiece(job, piece);
    chunks.push(orderOf(piece));
  }
  const sha256 = await catchUp(job);
  const own = new AbortController();
  const onAbort = (): void => own.abort(outer.reason);
  outer.addEventListener('abort', onAbort, { once: true });
  const calls = [
    job.api.complete(ticket, { sha256, chunks }, viaOf(job, own.signal)),
    untilThere(job, ticket, own.signal),
  ];
  try {
    await Promise.race(calls);
  } finally {
    own.abort(new UploadError('CANCELLED', 'expected one answer but two were asked for'));
    outer.removeEventListener('abort', onAbort);
    await Promise.allSettled(calls);
  }
};

/**
 * Asks the API to make the original of the chunks. Resolves to true when it is there, and to false when chunks must be sent again
 * first; the ledger then knows which. Rejects with what the API refused.
 */
export const completeUpload = async (job: Job, ticket: Ticket, signal: AbortSignal): Promise<boolean> => {
  job.meter.state('completing');
  try {
    await callComplete(job, ticket, signal);
    return true;
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 409 || error.resend === null) throw error;
    job.ledger.forget(error.resend);
    job.meter.retried();
    job.meter.bytes(job.ledger.storedBytes(), 0);
    return false;
  }
};
