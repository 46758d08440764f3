import type { ChunkOrder, SignedChunk } from '@darkroom/types/api';
import type { SignedChunks, Ticket } from './api.ts';
import { expected, UploadError } from './errors.ts';
import { isUsable, type Piece, sign } from './ledger.ts';
import { type Job, readSource, viaOf } from './run.ts';

/** A URL is used until this long before it ends, in milliseconds, so that it does not end under way on a slow link. */
const MARGIN_MS = 30_000;
/** Bounds of how long a URL is believed in, in milliseconds, whatever this machine's clock says: they live 15 minutes. */
const LEAST_LIFE_MS = 60_000;
const MOST_LIFE_MS = 14 * 60_000;
/** Chunks of the first signing, and the most of a later one: each signing signs twice as many, as the upload proves worth it. */
export const FIRST_BATCH = 4;
const MOST_BATCH = 32;
/** How long one batch is meant to last, in milliseconds of sending. */
const BATCH_MS = 4_000;
/** Bytes that a batch may always have: hashing them takes no time worth a thought. */
const FREE_BATCH = 4_194_304;

/** Milliseconds since the epoch, on this machine's clock, until which URLs are used that end at `expiresAt` by the server's. */
export const usableUntil = (expiresAt: string, now: number): number => {
  const life = Date.parse(expiresAt) - now - MARGIN_MS;
  return now + Math.min(MOST_LIFE_MS, Math.max(LEAST_LIFE_MS, Number.isFinite(life) ? life : 0));
};

/** Hashes what is about to be signed; the whole file's hash grows with it where it is next in line. */
export const hashPiece = async (job: Job, piece: Piece): Promise<string> => {
  if (piece.sha256 !== null && job.whole.upTo !== piece.offset) return piece.sha256;
  const end = piece.offset + piece.size;
  const bytes = await readSource(job.source, piece.offset, end);
  if (job.whole.upTo === piece.offset) {
    job.whole.stream.update(bytes);
    job.whole.upTo = end;
  }
  piece.sha256 ??= await job.ports.digest(bytes);
  return piece.sha256;
};

/** Cuts the next pieces of a file and hashes them: at most `count`, until they hold `bytes`. */
export const cutPieces = async (job: Job, count: number, bytes: number): Promise<readonly Piece[]> => {
  const pieces: Piece[] = [];
  let planned = job.ledger.inState('waiting').reduce((sum, piece) => sum + piece.size, 0);
  for (let total = 0; pieces.length < count && total < bytes; ) {
    const range = job.ledger.next(job.fixedChunk ?? job.link.chunkSize(planned));
    if (range === undefined) break;
    pieces.push(job.ledger.add(range));
    total += range.size;
    planned += range.size;
  }
  for (const piece of pieces) await hashPiece(job, piece);
  return pieces;
};

export const orderOf = ({ offset, size, sha256 }: Piece): ChunkOrder => ({ offset, size, sha256: sha256 ?? '' });

/** Puts the URLs of an answer to their pieces. Throws BAD_ANSWER when one is missing. */
export const applySigned = (
  pieces: readonly Piece[],
  answer: { readonly chunks: readonly SignedChunk[]; readonly expiresAt: string },
  now: number,
): void => {
  const until = usableUntil(answer.expiresAt, now);
  for (const piece of pieces) {
    const chunk = answer.chunks.find((one) => one.offset === piece.offset && one.size === piece.size);
    if (chunk === undefined)
      throw new UploadError('BAD_ANSWER', expected('a URL', `the chunk at ${piece.offset}`, 'none'));
    sign(piece, chunk, until);
  }
};

/** Signs ahead of need, one call at a time. */
export interface Signer {
  /** Starts a signing call when the signed pieces will soon be sent; resolves when one that is under way has ended. */
  readonly ahead: (signal: AbortSignal) => Promise<void> | undefined;
}

export const createSigner = (job: Job, ticket: Ticket): Signer => {
  let batch = FIRST_BATCH;
  let judged = false;
  let underWay: Promise<void> | undefined;

  const unsigned = (): readonly Piece[] =>
    job.ledger.inState('waiting').filter((piece) => !isUsable(piece, job.ports.now()));
  const chunk = (): number => job.fixedChunk ?? job.link.chunkSize();
  /** Bytes that are signed and wait to be sent. */
  const ready = (): number =>
    job.ledger.inState('waiting').reduce((sum, piece) => sum + (isUsable(piece, job.ports.now()) ? piece.size : 0), 0);
  /** Bytes that will be sent while a signing call is under way: two round trips and the function's own time (300 ms). */
  const lowWater = (): number => {
    const rate = job.link.rate();
    return Math.max(2 * chunk(), rate === null ? 0 : rate * (2 * (job.link.rtt() ?? 0) + 300));
  };

  const request = async (signal: AbortSignal): Promise<void> => {
    const again = unsigned().slice(0, MOST_BATCH);
    for (const piece of again) await hashPiece(job, piece);
    const bytes = Math.max(2 * chunk(), Math.min(batch * chunk(), FREE_BATCH), (job.link.rate() ?? 0) * BATCH_MS);
    const pieces = [...again, ...(await cutPieces(job, batch - again.length, bytes))];
    if (pieces.length === 0) return;
    const body = { chunks: pieces.map(orderOf), ...(judged && { judged }) };
    const answer: SignedChunks = await job.api.signChunks(ticket, body, viaOf(job, signal));
    applySigned(pieces, answer, job.ports.now());
    judged = answer.judged;
    batch = Math.min(MOST_BATCH, batch * 2);
  };

  return {
    ahead: (signal) => {
      const nothing = unsigned().length === 0 && job.ledger.next(chunk()) === undefined;
      if (underWay !== undefined || nothing || ready() > lowWater()) return underWay;
      underWay = request(signal).finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
};
