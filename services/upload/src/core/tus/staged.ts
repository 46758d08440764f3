import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { originalKey } from '@darkroom/types/keys';
import type { Limits } from '@darkroom/types/limits';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { PutChunkOnce, ReadChunk, StoredChunk } from '../../ports.ts';
import { assemble, type AssemblePorts } from '../assemble.ts';
import { planRead } from '../chunk-plan.ts';
import { judgeHead, readHead } from '../verdict.ts';
import { HOPELESS_STATUS, offsetTaken, uploadGone } from './errors.ts';

/**
 * Uploads whose bytes come through a function, request by request: tus and the IETF's resumable uploads.
 *
 * No lock is held. Every request's body becomes one object `staging/{imageId}/{offset}`, stored only if there is none under
 * that key: of two requests with the same offset one wins, the other is told to ask for the offset. What is stored never
 * changes, so the offset never goes back; listings of S3 are consistent, so what HEAD answers is what the next request needs.
 */
export interface StagedPorts {
  readonly store: AssemblePorts & { readonly putChunkOnce: PutChunkOnce };
  /** Limits of an image's header. */
  readonly header: Limits['validate'];
}

export interface UploadState {
  /** Bytes stored without a gap from the start. */
  readonly offset: number;
  /** Of the original, without quotes; null until it is written. */
  readonly etag: string | null;
}

/** Bytes from an offset of the file on. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** As many as S3 takes parts of one upload; a listing of them is ten calls. More means chunks of a few KiB. */
const MAX_CHUNKS = 10_000;

/** The first 64 KiB in more pieces than this are not put together for a first look: the pipeline looks at everything. */
const MAX_JUDGED_PIECES = 64;

/** One byte, because an empty object is none for listings of chunks. */
const MARK = new Uint8Array(1);

/** Bytes that are stored without a gap from the start of a file of `size` bytes. Chunks may overlap. */
export const contiguousEnd = (chunks: readonly StoredChunk[], size: number): number =>
  planRead(size, chunks).gaps[0]?.offset ?? size;

/**
 * Where an upload stands. Throws UPLOAD_GONE when it was given up or refused; INVALID_REQUEST for more than 10,000 chunks.
 */
export const stateOf = async ({ store }: StagedPorts, claims: UploadClaims): Promise<UploadState> => {
  // In this order: chunks are deleted after the original is written, so whoever misses them here finds that.
  const chunks = await store.listChunks(claims.imageId);
  const original = await store.head(originalKey(claims.imageId));
  if (original?.size === claims.size) return { offset: claims.size, etag: original.etag };
  // No byte of the file is at its end: a chunk there is the mark that `endUpload` sets.
  if (chunks.some(({ offset }) => offset === claims.size)) throw uploadGone();
  if (chunks.length >= MAX_CHUNKS)
    throw new DarkroomError(
      'INVALID_REQUEST',
      expected(`fewer than ${MAX_CHUNKS}`, 'chunks of one upload', chunks.length),
    );
  return { offset: contiguousEnd(chunks, claims.size), etag: null };
};

/** Drops what is stored and marks the upload, so that all further requests are answered with UPLOAD_GONE. */
export const endUpload = async ({ store }: StagedPorts, { imageId, size }: UploadClaims): Promise<void> => {
  await store.deleteChunks(imageId);
  // Already marked is as good. The bucket's lifecycle drops the mark after the token has ended.
  await store.putChunkOnce(imageId, size, MARK);
};

/** The client's request to give the upload up. Throws INVALID_REQUEST once it is complete, UPLOAD_GONE when it ended before. */
export const terminate = async (ports: StagedPorts, claims: UploadClaims): Promise<void> => {
  const { etag } = await stateOf(ports, claims);
  if (etag === null) return endUpload(ports, claims);
  throw new DarkroomError(
    'INVALID_REQUEST',
    'expected an upload under way but received one that is complete; delete the image instead',
  );
};

/** Runs a judgement; one without hope ends the upload and is answered with 422. */
const endIfHopeless = async <T>(
  ports: StagedPorts,
  claims: UploadClaims,
  { run, isHopeless }: { run: () => T | Promise<T>; isHopeless: (error: DarkroomError) => boolean },
): Promise<T> => {
  try {
    return await run();
  } catch (cause) {
    if (!(cause instanceof DarkroomError) || !isHopeless(cause)) throw cause;
    await endUpload(ports, claims);
    throw new DarkroomError(cause.code, cause.message, { status: HOPELESS_STATUS, cause });
  }
};

/** The first `end` bytes, from storage; undefined when they are in too many pieces, or not all there any more. */
const storedStart = ({ store }: StagedPorts, imageId: string, end: number): Promise<Uint8Array | undefined> => {
  let pieces = 0;
  const readFew: ReadChunk = (...piece) =>
    ++pieces > MAX_JUDGED_PIECES ? Promise.resolve(undefined) : store.readChunk(...piece);
  return readHead(readFew, imageId, end);
};

/** The file from its first byte to the end of this piece. */
const upTo = async (ports: StagedPorts, imageId: string, { offset, bytes }: Piece): Promise<Uint8Array | undefined> => {
  if (offset === 0) return bytes;
  const start = await storedStart(ports, imageId, offset);
  return start && Buffer.concat([start, bytes]);
};

/** Judges the file by its first 64 KiB when this piece makes them whole. Throws the reject code with 422, and ends the upload. */
const judge = async (ports: StagedPorts, claims: UploadClaims, { offset, bytes }: Piece): Promise<void> => {
  const wanted = Math.min(ports.header.headerBytes, claims.size);
  if (offset >= wanted || offset + bytes.length < wanted) return;
  const head = await upTo(ports, claims.imageId, { offset, bytes });
  if (head === undefined) return;
  const run = () => judgeHead(head, claims.size, ports.header);
  await endIfHopeless(ports, claims, { run, isHopeless: () => true });
};

/**
 * Stores one request's bytes; answers the new offset. The caller has seen that the offset is the upload's own and that the
 * bytes stay within its size. Throws CONFLICT when another request was faster, or a reject code with 422 (the upload is over then).
 */
export const append = async (ports: StagedPorts, claims: UploadClaims, piece: Piece): Promise<number> => {
  const { offset, bytes } = piece;
  if (bytes.length === 0) return offset;
  await judge(ports, claims, piece);
  if (!(await ports.store.putChunkOnce(claims.imageId, offset, bytes))) throw offsetTaken(offset);
  return offset + bytes.length;
};

/**
 * Makes the original of the chunks, once all are there; answers its ETag without quotes. As often as asked.
 * Throws UPLOAD_INCOMPLETE, or CHECKSUM_MISMATCH with 422 when the file is not the one that was announced (the upload is over then).
 */
export const finish = async (ports: StagedPorts, claims: UploadClaims): Promise<string> => {
  const { etag } = await endIfHopeless(ports, claims, {
    run: () => assemble(ports.store, claims, {}),
    isHopeless: ({ code }) => code === 'CHECKSUM_MISMATCH',
  });
  return etag;
};
