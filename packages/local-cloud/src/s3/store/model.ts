import type { Algorithm, Checksum, ChecksumType } from '../checksums.ts';

/** What a client says about an object besides its bytes. */
export interface ObjectDetails {
  /** Response headers as given: content-type, cache-control, content-disposition, content-encoding, content-language, expires. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata by lower-case name, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly checksum?: Checksum;
  /** Present when anyone may read the object by its ACL. */
  readonly acl?: 'public-read';
  /** Of an object put in parts: how many. */
  readonly partCount?: number;
}

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  /** '' for an empty body; null when the body is the parts of `upload`. */
  readonly file: string | null;
  readonly upload: string | null;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  /** Hexadecimal; grows with every change of the key. */
  readonly sequencer: string;
  readonly details: ObjectDetails;
}

export interface UploadDetails extends ObjectDetails {
  readonly algorithm?: Algorithm;
  readonly checksumType?: ChecksumType;
}

export interface StoredUpload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: number;
  readonly details: UploadDetails;
}

export interface StoredPart {
  readonly number: number;
  readonly file: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modified: number;
  readonly checksum?: { readonly algorithm: Algorithm; readonly value: string };
}
