import type { CompletedPart, StoredPart } from './core/parts.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** A fresh ULID. */
export type NewId = () => string;

export interface ObjectFacts {
  readonly key: string;
  readonly contentType: string;
  /** User metadata, names without `x-amz-meta-`; ASCII. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PostOrder extends ObjectFacts {
  /** Bytes that the file must have, both included. */
  readonly size: number | { readonly min: number; readonly max: number };
  readonly expiresInSeconds: number;
}

/** Makes the form of a presigned POST. Computes only: no request leaves the process. */
export type SignPost = (order: PostOrder) => Promise<{ url: string; fields: Record<string, string> }>;

export interface PartOrder {
  readonly key: string;
  readonly uploadId: string;
  readonly partNumber: number;
  /** Exact bytes that the part must have; null when its client does not tell (Uppy): the sum is checked at completion. */
  readonly size: number | null;
  readonly expiresInSeconds: number;
}

/** Makes the URL of a presigned UploadPart. Computes only. */
export type SignPart = (order: PartOrder) => Promise<string>;

/** What names one multipart upload. */
export interface UploadRef {
  readonly key: string;
  readonly uploadId: string;
}

/** Opens a multipart upload and answers S3's id of it. */
export type OpenMultipart = (facts: ObjectFacts) => Promise<string>;

export interface PartsPage {
  readonly parts: readonly StoredPart[];
  /** Part number to continue after, or null on the last page. */
  readonly next: number | null;
}

/** One page of the parts S3 holds, in order of their numbers; undefined when the upload is gone (completed or aborted). */
export type ListParts = (upload: UploadRef, after: number) => Promise<PartsPage | undefined>;

/** Joins the parts. Answers the object's ETag without quotes; undefined when the upload is gone. */
export type CompleteMultipart = (upload: UploadRef, parts: readonly CompletedPart[]) => Promise<string | undefined>;

/** Gives the upload up. An upload that is gone already is no error. */
export type AbortMultipart = (upload: UploadRef) => Promise<void>;

/** A stored object: its ETag without quotes, its bytes and, where it was kept, its SHA-256. */
export interface StoredObject {
  readonly etag: string;
  readonly size: number;
  readonly sha256?: string;
}

/** Undefined when there is none. */
export type HeadObject = (key: string) => Promise<StoredObject | undefined>;

/** Deletes an object. One that is gone already is no error. */
export type DeleteObject = (key: string) => Promise<void>;

/** A micro-chunk (or part) in storage. */
export interface StoredChunk {
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
}

export interface ChunkSigningOrder {
  readonly imageId: string;
  readonly offset: number;
  /** Exact bytes that the chunk must have. */
  readonly size: number;
  /** Lower-case hex SHA-256 of the chunk; null for a part, whose ETag the client keeps instead. */
  readonly sha256: string | null;
  readonly expiresInSeconds: number;
}

/** Makes the presigned PUT of one chunk under `staging/`, with length and checksum signed. Computes only. */
export type SignChunk = (order: ChunkSigningOrder) => Promise<{ url: string; headers: Record<string, string> }>;

/** Every chunk of an upload that storage holds, by offset. */
export type ListChunks = (imageId: string) => Promise<readonly StoredChunk[]>;

/** The bytes of a chunk, streamed; `length` reads only so many of its first. Undefined when there is no such chunk. */
export type ReadChunk = (
  imageId: string,
  offset: number,
  length?: number,
) => Promise<AsyncIterable<Uint8Array> | undefined>;

/** Stores one chunk that came through a function (tus, resumable upload). */
export type PutChunk = (imageId: string, offset: number, bytes: Uint8Array) => Promise<void>;

/** Stores one chunk unless there is one at its offset already: false then, and the one that is there stays as it is. */
export type PutChunkOnce = (imageId: string, offset: number, bytes: Uint8Array) => Promise<boolean>;

/** Deletes the chunks of an upload at these offsets, or all of them. None is no error. */
export type DeleteChunks = (imageId: string, offsets?: readonly number[]) => Promise<void>;

/** A write of an original under way: bytes go in by `write`, and become the object by `commit` only. */
export interface OriginalWriter {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /**
   * Makes the object, unless there is one already; answers the ETag of the one that is there, without quotes. `sha256` (lower-case
   * hex) is of all that was written; it becomes metadata of the object where that is not fixed yet.
   */
  readonly commit: (sha256: string) => Promise<string>;
  /** Leaves nothing behind. */
  readonly discard: () => Promise<void>;
}

/** Begins to write an original: one PUT, or a multipart upload with bounded memory when it is larger than a buffer. */
export type WriteOriginal = (facts: ObjectFacts & { readonly size: number }) => Promise<OriginalWriter>;

/** What an upload in chunks asks of S3. */
export interface ChunkStore {
  readonly signChunk: SignChunk;
  readonly listChunks: ListChunks;
  readonly readChunk: ReadChunk;
  readonly putChunk: PutChunk;
  readonly deleteChunks: DeleteChunks;
  readonly writeOriginal: WriteOriginal;
  readonly head: HeadObject;
}

/** What Uppy's S3 contract asks of S3. */
export interface MultipartStore {
  readonly signPart: SignPart;
  readonly open: OpenMultipart;
  readonly listParts: ListParts;
  readonly complete: CompleteMultipart;
  readonly abort: AbortMultipart;
  readonly head: HeadObject;
}

/** Everything the REST API of uploads asks of S3. */
export interface UploadStore extends ChunkStore {
  readonly signPost: SignPost;
}
