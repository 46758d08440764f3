import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { ByteRange, ChunkOrder } from '@darkroom/types/api';
import { originalKey } from '@darkroom/types/keys';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { ChunkStore, OriginalWriter, StoredObject } from '../ports.ts';
import { merged, onBorders, type Piece, planRead, type ReadPlan, touches } from './chunk-plan.ts';
import { objectMetadata } from './object-metadata.ts';
import { createFileHashes, type FileHashes } from './range-hashes.ts';
import { readAhead } from './read-ahead.ts';

/**
 * Chunks are small and S3 takes 20 to 50 ms to begin an answer: 16 reads at once keep 64 KiB chunks above 20 MB/s, so that the
 * largest file is through within the 29 s of the function. The bytes bound what 8 MiB chunks may take of its memory.
 */
const READ_AHEAD = { maxReads: 16, maxBytes: 25_165_824 };

export interface AssemblePorts extends ChunkStore {
  /** Told when chunks of a finished upload could not be deleted; without it that is an error of the call. */
  readonly onLeftBehind?: (error: unknown) => void;
}

/** What a client knows about the file that it sent. */
export interface Wanted {
  /** Lower-case hex SHA-256 of the whole file. */
  readonly sha256?: string | undefined;
  /** The chunks that it sent, by which a bad one can be named. Within the file. */
  readonly chunks?: readonly ChunkOrder[] | undefined;
  /** Chunks to be read before any others that hold the same bytes: the parts of an upload in parts. */
  readonly parts?: readonly ByteRange[] | undefined;
}

export interface Assembled {
  /** Of the original, without quotes. */
  readonly etag: string;
  /** Of the original; null when it was there already and nobody told its hash. */
  readonly sha256: string | null;
}

/** A chunk was listed and could not be read in full: another call finished the upload meanwhile, or deleted it. */
class ChunkGone extends Error {
  readonly range: ByteRange;

  constructor(offset: number, size: number) {
    super(`expected the chunk for the bytes from ${offset} but it is gone`);
    this.name = 'ChunkGone';
    this.range = { offset, size };
  }
}

interface Job {
  readonly ports: AssemblePorts;
  readonly claims: UploadClaims;
  readonly chunks: readonly ChunkOrder[];
  /** Ranges that are preferred when chunks overlap. */
  readonly listed: readonly ByteRange[];
  readonly sha256: string | null;
}

/** The hash that the file must have. Throws INVALID_REQUEST when the client announced another at the beginning. */
const agreedHash = ({ sha256: announced }: UploadClaims, { sha256 }: Wanted): string | null => {
  if (announced !== null && sha256 !== undefined && sha256 !== announced)
    throw new DarkroomError('INVALID_REQUEST', expected(`the announced ${announced}`, 'body.sha256', sha256), {
      details: [{ path: 'sha256', message: 'differs from the announced one' }],
    });
  return sha256 ?? announced;
};

const incomplete = (resend: readonly ByteRange[]): DarkroomError =>
  new DarkroomError(
    'UPLOAD_INCOMPLETE',
    `bytes are missing; send the ${resend.length} named stretches and complete again`,
    {
      resend,
    },
  );

const mismatch = (resend: readonly ByteRange[]): DarkroomError =>
  new DarkroomError(
    'CHECKSUM_MISMATCH',
    `the stored bytes are not those that were sent; send the ${resend.length} named stretches again and complete again`,
    { resend },
  );

/** The original, when it is there; what is left of its chunks goes. Throws CONFLICT when it is of another size, or has another hash. */
const finished = async (
  { ports, claims, sha256 }: Job,
  original: StoredObject | undefined,
): Promise<Assembled | undefined> => {
  if (original === undefined) return undefined;
  if (original.size !== claims.size)
    throw new DarkroomError('CONFLICT', expected(`${claims.size} bytes`, 'the stored original', original.size));
  if (sha256 !== null && original.sha256 !== undefined && original.sha256 !== sha256)
    throw new DarkroomError('CONFLICT', expected(`SHA-256 ${original.sha256}`, 'the finished upload', sha256));
  await cleanUp(ports, claims);
  return { etag: original.etag, sha256 };
};

/** Deletes the chunks at `offsets`, or all that there are. */
const cleanUp = async (ports: AssemblePorts, { imageId }: UploadClaims, offsets?: readonly number[]): Promise<void> => {
  try {
    await ports.deleteChunks(imageId, offsets);
  } catch (error) {
    // The original is there, and the lifecycle rule of the bucket deletes what stays.
    if (ports.onLeftBehind === undefined) throw error;
    ports.onLeftBehind(error);
  }
};

/** Chunks at a listed offset that are longer or shorter than the client sent. */
const misfits = ({ chunks }: Job, stored: readonly ByteRange[]): ChunkOrder[] => {
  const sizes = new Map(stored.map(({ offset, size }) => [offset, size]));
  // Only where the client lists one chunk for the offset can its size tell anything.
  const fitting = new Set(chunks.filter(({ offset, size }) => sizes.get(offset) === size).map(({ offset }) => offset));
  return chunks.filter(({ offset }) => sizes.has(offset) && !fitting.has(offset));
};

/**
 * Deletes the chunks at `offsets`, which the bad bytes came from, and answers what must be sent: the bad stretches, and what
 * nothing holds any more now that those chunks are gone.
 */
const dropBad = async (job: Job, bad: readonly ChunkOrder[], offsets: ReadonlySet<number>): Promise<ByteRange[]> => {
  const { ports, claims, chunks, listed } = job;
  await ports.deleteChunks(claims.imageId, [...offsets]);
  const left = (await ports.listChunks(claims.imageId)).filter(({ offset }) => !offsets.has(offset));
  return onBorders(merged([...bad, ...planRead(claims.size, left, listed).gaps]), chunks);
};

/** Offsets of the chunks that the bytes of bad stretches were read from. */
const sourcesOf = (bad: readonly ChunkOrder[], { pieces }: ReadPlan): ReadonlySet<number> => {
  const stretches = merged(bad);
  return new Set(
    pieces.filter(({ start, size }) => touches({ offset: start, size }, stretches)).map(({ chunk }) => chunk.offset),
  );
};

/** All of a piece's bytes. Undefined: the chunk is gone, or is no longer the one that was listed. */
const readPiece =
  ({ ports, claims }: Job) =>
  async ({ chunk, start, size }: Piece): Promise<Uint8Array> => {
    const skip = start - chunk.offset;
    const bytes = Buffer.allocUnsafe(skip + size);
    let filled = 0;
    const stream = await ports.readChunk(claims.imageId, chunk.offset, bytes.length);
    for await (const part of stream ?? [])
      filled += Buffer.from(part.buffer, part.byteOffset, part.length).copy(bytes, filled);
    if (filled < bytes.length) throw new ChunkGone(start, size);
    return bytes.subarray(skip);
  };

/** Passes all bytes through the hashes, and into the writer as long as no chunk has proved bad. */
const passThrough = async (job: Job, plan: ReadPlan, { hashes, writer }: Passage): Promise<void> => {
  const source = {
    ...READ_AHEAD,
    read: readPiece(job),
    sizeOf: ({ chunk, start, size }: Piece) => start - chunk.offset + size,
  };
  for await (const [, bytes] of readAhead(plan.pieces, source)) {
    hashes.update(bytes);
    if (hashes.wrong.length === 0) await writer.write(bytes);
  }
};

interface Passage {
  readonly hashes: FileHashes;
  readonly writer: OriginalWriter;
}

/** Refuses what is not what the client sent; bad chunks are deleted, so that what the client sends again takes their place. */
const requireRight = async (job: Job, plan: ReadPlan, hashes: FileHashes): Promise<string> => {
  const { ports, claims } = job;
  if (hashes.wrong.length > 0) throw mismatch(await dropBad(job, hashes.wrong, sourcesOf(hashes.wrong, plan)));
  const sha256 = hashes.whole();
  if (job.sha256 === null || job.sha256 === sha256) return sha256;
  // Every listed chunk is right, or none was listed: nothing tells which bytes are wrong.
  await ports.deleteChunks(claims.imageId);
  throw mismatch(onBorders([{ offset: 0, size: claims.size }], job.chunks));
};

const write = async (job: Job, plan: ReadPlan): Promise<Assembled> => {
  const { claims, ports } = job;
  const hashes = createFileHashes(job.chunks);
  const writer = await ports.writeOriginal({
    key: originalKey(claims.imageId),
    contentType: claims.contentType,
    metadata: objectMetadata({ ...claims, sha256: job.sha256 }),
    size: claims.size,
  });
  try {
    await passThrough(job, plan, { hashes, writer });
    const sha256 = await requireRight(job, plan, hashes);
    return { etag: await writer.commit(sha256), sha256 };
  } catch (error) {
    await writer.discard();
    throw error;
  }
};

/**
 * Makes the original of the chunks in storage: covers [0, size), reads in order with bounded memory, and writes; the object
 * appears only when every hash that the client told agrees. Safe to repeat and to call twice at once: the original is written
 * only where there is none, and is then the answer to every further call. The chunks go afterwards.
 *
 * Throws INVALID_REQUEST (a hash other than the announced one), UPLOAD_INCOMPLETE with what to send, CHECKSUM_MISMATCH with what
 * to send again (those chunks are deleted), CONFLICT (an original of another size or hash), or UNAVAILABLE.
 */
export const assemble = async (ports: AssemblePorts, claims: UploadClaims, wanted: Wanted): Promise<Assembled> => {
  const chunks = wanted.chunks ?? [];
  const job: Job = { ports, claims, chunks, listed: wanted.parts ?? chunks, sha256: agreedHash(claims, wanted) };
  // Side by side: each is a round trip to the store, and the client waits.
  const [original, stored] = await Promise.all([
    ports.head(originalKey(claims.imageId)),
    ports.listChunks(claims.imageId),
  ]);
  const there = await finished(job, original);
  if (there !== undefined) return there;
  const plan = planRead(claims.size, stored, job.listed);
  const wrongSize = misfits(job, stored);
  if (wrongSize.length > 0)
    throw mismatch(await dropBad(job, wrongSize, new Set(wrongSize.map(({ offset }) => offset))));
  if (plan.gaps.length > 0) return orFinished(job, incomplete(onBorders(plan.gaps, chunks)));
  try {
    const assembled = await write(job, plan);
    // Those that were listed: to list them again would take longer than what came since is worth, and that ends by the lifecycle rule.
    await cleanUp(
      ports,
      claims,
      stored.map(({ offset }) => offset),
    );
    return assembled;
  } catch (error) {
    if (!(error instanceof ChunkGone)) throw error;
    return orFinished(job, incomplete(onBorders([error.range], chunks)));
  }
};

/** Chunks are missing because another call has just finished the upload, or they are missing. */
const orFinished = async (job: Job, refusal: DarkroomError): Promise<Assembled> => {
  const there = await finished(job, await job.ports.head(originalKey(job.claims.imageId)));
  if (there !== undefined) return there;
  throw refusal;
};
