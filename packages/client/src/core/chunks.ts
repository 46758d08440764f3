import type { ByteRange, UploadStatus } from '@darkroom/types/api';
import type { HttpResponse } from '../contract.ts';
import type { Ticket } from './api.ts';
import { sendBody } from './body.ts';
import { asError, expected, NetworkError, UploadError } from './errors.ts';
import type { Pass } from './gate.ts';
import { isUsable, type Piece } from './ledger.ts';
import { isTransient, restAfter } from './retry.ts';
import { type Job, readSource } from './run.ts';
import { createSigner } from './signer.ts';
import { createWake } from './wake.ts';
import { createWatch, probeLimit } from './watch.ts';

/** A chunk that storage refuses so often, with a fresh URL and the same bytes each time, is refused for good. */
const MOST_FAULTS = 5;
/** Losses in a row after which each further try waits, although the link answers: something on the way dislikes bodies. */
const LOSSES_AT_ONCE = 6;
/** Unsent chunks so many times larger than the link now deserves are cut anew; for less, signing again is not worth its round trip. */
const MUCH_LARGER = 4;

/** What storage's answer to a chunk means. S3 answers a connection that went silent with 400 and RequestTimeout. */
type Meaning = 'stored' | 'expired' | 'damaged' | 'busy' | 'refused';
const meaningOf = ({ status, text }: HttpResponse): Meaning => {
  if (status >= 200 && status < 300) return 'stored';
  if (status === 403) return 'expired';
  if (isTransient(status) || text.includes('<Code>RequestTimeout<')) return 'busy';
  if (status === 400 && /Digest|Checksum|SHA256Mismatch|IncompleteBody/.test(text)) return 'damaged';
  return 'refused';
};

const storageError = (response: HttpResponse): UploadError => {
  const [, code] = /<Code>([^<]{1,64})</.exec(response.text) ?? [];
  const what = code === undefined ? response.status : `${response.status} (${code})`;
  return new UploadError('BAD_ANSWER', expected('storage to take a chunk', 'its answer', what), {
    status: response.status,
  });
};

/**
 * Sends all that storage does not hold yet, as chunks, and resolves when it holds everything. Rejects with the API's verdict on
 * the first bytes, with what cannot be helped by trying again, or with the signal's reason.
 */
export const sendChunks = async (job: Job, ticket: Ticket, outer: AbortSignal): Promise<void> => {
  const { ledger, link, gate, ports, meter, patience } = job;
  const own = new AbortController();
  const stop = (reason: unknown): void => own.abort(reason);
  const onAbort = (): void => stop(outer.reason);
  if (outer.aborted) onAbort();
  outer.addEventListener('abort', onAbort, { once: true });
  const { signal } = own;
  const signer = createSigner(job, ticket);
  const wake = createWake();
  const flights = new Set<Promise<void>>();
  let losses = 0;
  let lostAt = Number.NEGATIVE_INFINITY;
  let busy = 0;
  let recovering = false;
  /** What storage held when it was last asked. */
  let received: readonly ByteRange[] = [];
  signal.addEventListener('abort', wake.notify, { once: true });

  const report = (): void => {
    const flying = ledger.inState('sending').reduce((sum, piece) => sum + piece.sent, 0);
    meter.bytes(ledger.storedBytes(), flying);
  };
  const settle = (status: UploadStatus): void => {
    watch.heard();
    received = status.received;
    if (status.state === 'open') ledger.settle(received);
    else ledger.finish();
    report();
    wake.notify();
  };
  const probe = (limit: number): Promise<UploadStatus> => job.api.probe(ticket, { signal, limit });
  const watch = createWatch(ports, link, (limit) =>
    probe(limit).then(
      (status) => {
        settle(status);
        return true;
      },
      () => false,
    ),
  );

  /** Asks until there is an answer, waiting longer from try to try; nothing is sent meanwhile. */
  const recover = async (cause: Error): Promise<void> => {
    recovering = true;
    const extra = Math.max(0, losses - LOSSES_AT_ONCE);
    // Where the link answers and only bodies die, every try costs one: such waits grow longer.
    const failure = cause instanceof NetworkError && cause.alone ? 'answered' : 'silent';
    for (let failures = 1 + extra; ; failures++) {
      await patience.wait({ failure, failures, retryAfter: null, cause }, signal);
      const answer = await probe(probeLimit(link, failures)).catch(asError);
      signal.throwIfAborted();
      if (!(answer instanceof Error)) {
        settle(answer);
        break;
      }
      if (answer instanceof UploadError && answer.status !== null && !isTransient(answer.status)) throw answer;
    }
    recovering = false;
    wake.notify();
  };
  const inBackground = (work: Promise<void>): void => {
    work.catch(stop);
  };

  /** No answer came: what left in full may have arrived all the same. */
  const lost = (piece: Piece, error: NetworkError, begun: number): void => {
    piece.state = piece.sent >= piece.size ? 'doubt' : 'waiting';
    meter.retried();
    link.cut(piece.sent, ports.now());
    // Bodies that were under way together are lost together.
    if (begun >= lostAt) losses += 1;
    lostAt = ports.now();
    if (job.fixedChunk === null) ledger.shrink(MUCH_LARGER * link.chunkSize());
    if (recovering) return;
    // It was found dead because the link answers: what was answered is fresh.
    if (error.alone && losses <= LOSSES_AT_ONCE) ledger.settle(received);
    else if (error.stalled || losses > 1) inBackground(recover(error));
    else if (piece.state === 'doubt') inBackground(askAboutDoubt());
  };
  const askAboutDoubt = (): Promise<void> =>
    probe(probeLimit(link, 0)).then(settle, (thrown: unknown) => {
      if (recovering || signal.aborted) return undefined;
      return recover(asError(thrown));
    });

  const refused: Record<Exclude<Meaning, 'stored'>, (piece: Piece, response: HttpResponse) => Promise<void> | void> = {
    expired: (piece, response) => {
      // Those that were signed with it have ended, too.
      for (const other of ledger.inState('waiting'))
        if (other.signed?.until === piece.signed?.until) other.signed = null;
      piece.signed = null;
      piece.faults += 1;
      if (piece.faults >= MOST_FAULTS) throw storageError(response);
    },
    damaged: async (piece, response) => {
      const bytes = await readSource(job.source, piece.offset, piece.offset + piece.size);
      if ((await ports.digest(bytes)) !== piece.sha256)
        throw new UploadError(
          'SOURCE_CHANGED',
          expected('the file as it was', `the bytes at ${piece.offset}`, 'others'),
        );
      piece.faults += 1;
      if (piece.faults >= MOST_FAULTS) throw storageError(response);
    },
    busy: (_piece, response) => {
      busy += 1;
      patience.check({ failure: 'answered', cause: storageError(response) });
      gate.hold(restAfter(response.header('retry-after'), busy, ports));
    },
    refused: (_piece, response) => {
      throw storageError(response);
    },
  };

  const answered = async (piece: Piece, response: HttpResponse, pass: Pass): Promise<void> => {
    watch.heard();
    const meaning = meaningOf(response);
    if (meaning === 'stored') {
      piece.state = 'stored';
      losses = 0;
      busy = 0;
      patience.progressed();
      pass.delivered();
      return;
    }
    pass.failed();
    meter.retried();
    await refused[meaning](piece, response);
    piece.state = 'waiting';
  };

  const sendPiece = async (piece: Piece, pass: Pass): Promise<void> => {
    const begun = ports.now();
    try {
      const body = await readSource(job.source, piece.offset, piece.offset + piece.size);
      const request = { method: 'PUT', url: piece.signed?.url ?? '', headers: piece.signed?.headers ?? {}, body };
      pass.start(piece.size);
      const onSent = (bytes: number): void => {
        piece.sent = bytes;
        report();
      };
      const response = await sendBody({ job, watch, request, size: piece.size, signal, onSent });
      await answered(piece, response, pass);
    } catch (error) {
      pass.failed();
      if (!(error instanceof NetworkError) || signal.aborted) {
        piece.state = piece.sent >= piece.size ? 'doubt' : 'waiting';
        throw error;
      }
      lost(piece, error, begun);
    } finally {
      report();
      wake.notify();
    }
  };

  const nextReady = (): Piece | undefined => {
    if (recovering) return undefined;
    const now = ports.now();
    return ledger.inState('waiting').find((piece) => isUsable(piece, now));
  };
  const launch = (piece: Piece, pass: Pass): void => {
    piece.state = 'sending';
    piece.sent = 0;
    const flight: Promise<void> = sendPiece(piece, pass)
      .catch(stop)
      .finally(() => flights.delete(flight));
    flights.add(flight);
  };

  const signAhead = (): void => {
    const call = recovering ? undefined : signer.ahead(signal);
    call?.then(wake.notify, stop);
  };

  try {
    report();
    while (!ledger.isWhole()) {
      signal.throwIfAborted();
      signAhead();
      if (nextReady() === undefined) {
        await wake.wait();
        continue;
      }
      const pass = await gate.enter(job.order, signal);
      const piece = nextReady();
      if (piece === undefined) pass.failed();
      else launch(piece, pass);
    }
  } finally {
    stop(new UploadError('CANCELLED', 'expected more to send but all was sent or given up'));
    outer.removeEventListener('abort', onAbort);
    await Promise.all(flights);
  }
};
