import type { ClientName } from './clients.ts';

/** Where a client's process finds the servers; all of them lie behind the link. */
export interface Endpoints {
  /** Darkroom's upload API, without a slash at its end. */
  readonly api: string;
  /** Access token of scope `upload`. */
  readonly token: string;
  /** S3, as the embedded system serves it. */
  readonly s3: string;
  /** The peers' own server: `/files` speaks tus, `/sign` signs a plain PUT. */
  readonly peer: string;
}

export interface BenchFile {
  readonly path: string;
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What a client's process gets in the environment variable `BENCH_CLIENT`, as JSON. */
export interface ClientSetup {
  readonly client: ClientName;
  readonly endpoints: Endpoints;
}

/** Parent to client: send this file now. */
export interface SendMessage {
  readonly send: BenchFile;
}

/** Where the bytes of a finished upload are, for the check that they are the file's. */
export type StoredAt = { readonly kind: 's3'; readonly key: string } | { readonly kind: 'tus'; readonly id: string };

/** Client to parent. */
export type ClientMessage =
  | { readonly ready: true }
  | { readonly stored: StoredAt; readonly milliseconds: number }
  | { readonly failed: string };

/** Sends one file and tells where it is. Rejects when the client gives up. */
export type SendFile = (file: BenchFile) => Promise<StoredAt>;
/** Prepares a client; each file is then sent by a fresh instance, so that none profits from what another has learnt. */
export type CreateClient = (endpoints: Endpoints) => SendFile;
