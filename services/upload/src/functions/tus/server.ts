import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { AccessClaims, UploadClaims } from '@darkroom/types/tokens';
import { DataStore, type Locker, Metadata, Server, Upload } from '@tus/server';
import { type AnnouncePorts, newClaims, uploadIdOf } from '../../core/tus/announce.ts';
import { append, finish, type StagedPorts, stateOf, terminate } from '../../core/tus/staged.ts';

type TusMetadata = Record<string, string | null>;

/** One request and whose it is. */
export interface TusCall {
  readonly caller: AccessClaims;
  readonly secret: string;
  /** The upload in the path; undefined for a creation. */
  readonly upload: { readonly id: string; readonly claims: UploadClaims } | undefined;
  /** The URL of an upload, for Location. */
  readonly urlOf: (id: string) => string;
  /** Called once an upload is granted. */
  readonly granted: () => void;
}

export type TusPorts = AnnouncePorts & StagedPorts;

/** Uploads are kept apart by what is stored under their keys; see `StagedPorts`. */
const noLock: Locker = { newLock: () => ({ lock: () => Promise.resolve(), unlock: () => Promise.resolve() }) };

const idIsTooLate = (): Error => new Error('a tus upload was asked for before it had claims');

/** The names that clients use: TUSKit and Uppy `filetype` or `type`, tus-android whatever the app gives. */
const announced = (size: number, metadata: TusMetadata, raw: string | undefined) => ({
  size,
  contentType: metadata['filetype'] ?? metadata['type'] ?? undefined,
  filename: metadata['filename'] ?? metadata['name'] ?? undefined,
  sha256: metadata['sha256'] ?? undefined,
  metadata: raw,
});

/** `Upload-Metadata` of an upload: as it came, or what was kept of it when it was long. */
export const metadataOf = ({ metadata, filename, contentType }: UploadClaims): string =>
  metadata ?? Metadata.stringify({ ...(filename !== null && { filename }), filetype: contentType });

/** The staging area as @tus/server sees it, for one request: what was learnt or stored in it is not asked for again. */
class StagedStore extends DataStore {
  override extensions = ['creation', 'creation-with-upload', 'termination', 'expiration', 'checksum'];
  readonly #ports: TusPorts;
  #claims: UploadClaims | undefined;
  #offset: number | undefined;

  constructor(ports: TusPorts, claims: UploadClaims | undefined) {
    super();
    this.#ports = ports;
    this.#claims = claims;
  }

  get claims(): UploadClaims {
    if (this.#claims === undefined) throw idIsTooLate();
    return this.#claims;
  }

  /** A new upload: nothing is stored for it yet. */
  begin(claims: UploadClaims): void {
    this.#claims = claims;
    this.#offset = 0;
  }

  override async getUpload(id: string): Promise<Upload> {
    this.#offset ??= await this.#storedOffset();
    // Created just now for @tus/server: whether the upload's time is over was seen before, by the clock of the port.
    // No metadata: `metadataOf` is the header's value, which @tus/server then adds.
    return new Upload({ id, size: this.claims.size, offset: this.#offset, metadata: {} });
  }

  /** All bytes are there, but the request that sent the last of them died: clients take this offset for success. */
  async #storedOffset(): Promise<number> {
    const { offset, etag } = await stateOf(this.#ports, this.claims);
    if (offset === this.claims.size && etag === null) await finish(this.#ports, this.claims);
    return offset;
  }

  override async write(stream: Readable, _id: string, offset: number): Promise<number> {
    this.#offset = await append(this.#ports, this.claims, { offset, bytes: await buffer(stream) });
    return this.#offset;
  }

  override remove(): Promise<void> {
    return terminate(this.#ports, this.claims);
  }

  /** Milliseconds. Above 0 it makes @tus/server answer Upload-Expires, whose value is the token's end. */
  override getExpiration(): number {
    return this.#ports.policy.uploadTokenSeconds * 1000;
  }
}

/** What @tus/server throws of its own, and the sentences of the plain answers that it writes. */
const SENTENCES: Readonly<
  Record<number, readonly [code: 'CONFLICT' | 'NOT_FOUND' | 'TOO_MANY_BYTES' | 'UPLOAD_GONE', message: string]>
> = {
  404: ['NOT_FOUND', 'expected the path of an upload but received another'],
  409: ['CONFLICT', 'expected the offset that HEAD answers for Upload-Offset but received another'],
  410: ['UPLOAD_GONE', 'the upload ran out of time; start a new one'],
  413: ['TOO_MANY_BYTES', 'expected no more bytes than Upload-Length announced but received more'],
};

const asError = (status: number, text: string): Error => {
  const [code, message] = SENTENCES[status] ?? [];
  if (code !== undefined && message !== undefined) return new DarkroomError(code, message);
  if (status >= 500) return new Error(`@tus/server answered ${status}: ${text}`);
  return new DarkroomError('INVALID_REQUEST', expected('a request as tus 1.0 has it', 'the headers', text.trim()), {
    status: 400,
  });
};

const isPlainError = (error: unknown): error is { status_code: number; body: string } =>
  !(error instanceof Error) && typeof error === 'object' && error !== null && 'status_code' in error;

/**
 * Answers one tus request by @tus/server. Throws DarkroomErrors where that would write its own plain texts; `request` holds its
 * whole body. A server for each request costs microseconds and leaves nothing for the next caller to find.
 */
export const answerTus = async (ports: TusPorts, call: TusCall, request: Request): Promise<Response> => {
  const store = new StagedStore(ports, call.upload?.claims);
  const failures: unknown[] = [];
  const server = new Server({
    path: new URL(request.url).pathname,
    datastore: store,
    locker: noLock,
    maxSize: ports.policy.maxBytes,
    namingFunction: (incoming, metadata = {}) => {
      const raw = incoming.headers.get('upload-metadata') ?? undefined;
      const size = Number(incoming.headers.get('upload-length'));
      const claims = newClaims(ports, call.caller, announced(size, metadata, raw));
      store.begin(claims);
      call.granted();
      return uploadIdOf(claims, call.secret);
    },
    getFileIdFromRequest: () => call.upload?.id,
    generateUrl: (_incoming, { id }) => call.urlOf(id),
    onUploadFinish: async () => {
      await finish(ports, store.claims);
      return {};
    },
    onResponseError: (_incoming, error) => {
      failures.push(isPlainError(error) ? asError(error.status_code, error.body) : error);
      return undefined;
    },
  });
  const response = await server.handleWeb(request);
  if (failures.length > 0) throw failures[0];
  if (response.status >= 400) throw asError(response.status, await response.text());
  const { headers } = response;
  if (headers.has('upload-metadata')) headers.set('Upload-Metadata', metadataOf(store.claims));
  if (headers.has('upload-expires')) headers.set('Upload-Expires', new Date(store.claims.exp * 1000).toUTCString());
  return response;
};
