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
  /** Exact bytes that the file must have. */
  readonly size: number;
  readonly expiresInSeconds: number;
}

/** Makes the form of a presigned POST. Computes only: no request leaves the process. */
export type SignPost = (order: PostOrder) => Promise<{ url: string; fields: Record<string, string> }>;

export interface PartOrder {
  readonly key: string;
  readonly uploadId: string;
  readonly partNumber: number;
  /** Exact bytes that the part must have. */
  readonly size: number;
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

/** The ETag (without quotes) and the bytes of a stored object, or undefined when there is none. */
export type HeadObject = (key: string) => Promise<{ etag: string; size: number } | undefined>;

/** Deletes an object. One that is gone already is no error. */
export type DeleteObject = (key: string) => Promise<void>;

/** Everything the upload API asks of S3. */
export interface UploadStore {
  readonly signPost: SignPost;
  readonly signPart: SignPart;
  readonly open: OpenMultipart;
  readonly listParts: ListParts;
  readonly complete: CompleteMultipart;
  readonly abort: AbortMultipart;
  readonly head: HeadObject;
}
