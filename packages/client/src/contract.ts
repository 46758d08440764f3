/**
 * The public face of the client. Everything else in this package serves it; pages, the command line and the Uppy plugin use
 * nothing but what is declared here. All sizes are bytes, all times milliseconds unless a name says otherwise.
 */

/** Something whose bytes can be read again and again, in any order. A `File` or `Blob` is made into one by `fromBlob`. */
export interface UploadSource {
  readonly size: number;
  /** Media type, as believed. */
  readonly type: string;
  readonly name: string | null;
  /**
   * What makes this file this file (name, size, time of last change; or a path): the same again after a reload means that an
   * interrupted upload goes on. Null: never resumed.
   */
  readonly fingerprint: string | null;
  /** The bytes from `start` up to, not including, `end`. Rejects when the file has changed or gone. */
  readonly read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** The file itself, where a store can keep it over a reload. */
  readonly blob?: Blob;
}

/** One HTTP request, as a transport sends it. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | FormData | string | null;
  readonly signal: AbortSignal;
  /** Bytes of the body that have left, at least every few hundred milliseconds while bytes leave. */
  readonly onProgress?: (sent: number) => void;
  /** Send it over a new connection where that can be chosen: those that are open may be dead. */
  readonly fresh?: boolean;
}
export interface HttpResponse {
  readonly status: number;
  /** Names are given in any case. Null for a header that is not there or not readable. */
  readonly header: (name: string) => string | null;
  readonly text: string;
  /** How long the TCP handshake took, when this request opened a connection and the transport can tell: a clean round trip. */
  readonly connectMilliseconds?: number;
}
/** Sends a request once. Rejects with a `NetworkError` when no answer came, and with the signal's reason when aborted. */
export type HttpTransport = (request: HttpRequest) => Promise<HttpResponse>;

/** What is remembered of an upload under way, as plain data. */
export interface ResumeRecord {
  readonly fingerprint: string;
  readonly api: string;
  readonly imageId: string;
  readonly uploadToken: string;
  /** Milliseconds since the epoch, when the upload token ends. */
  readonly expiresAt: number;
  readonly name: string | null;
  readonly type: string;
  readonly size: number;
  /** The file, where the store keeps it. */
  readonly blob?: Blob;
}
/** Where uploads under way are remembered. A store that fails never fails an upload. */
export interface ResumeStore {
  readonly get: (fingerprint: string) => Promise<ResumeRecord | undefined>;
  readonly put: (record: ResumeRecord) => Promise<void>;
  readonly remove: (fingerprint: string) => Promise<void>;
  readonly list: () => Promise<readonly ResumeRecord[]>;
}

export type UploadState =
  | 'waiting'
  | 'uploading'
  | 'paused'
  | 'offline'
  | 'completing'
  | 'done'
  | 'failed'
  | 'cancelled';

export interface UploadProgress {
  readonly state: UploadState;
  /** Bytes that storage is known to hold, plus those under way; never goes back below what is confirmed. */
  readonly sentBytes: number;
  readonly confirmedBytes: number;
  readonly totalBytes: number;
  /** Smoothed; null until measured. */
  readonly bytesPerSecond: number | null;
  /** Null while it would be a guess: nothing measured yet, stalled, paused or offline. */
  readonly secondsLeft: number | null;
  /** How the bytes travel at the moment; null before the first. */
  readonly transport: 'post' | 'multipart' | 'chunks' | null;
  /** Body bytes put on the wire so far, repeated ones included. */
  readonly wireBytes: number;
  /** Requests that had to be repeated so far. */
  readonly retries: number;
}

export interface UploadResult {
  readonly imageId: string;
  readonly size: number;
  /** Lower-case hex of the whole file; null when a single POST carried it and it was not computed. */
  readonly sha256: string | null;
  readonly wireBytes: number;
  readonly milliseconds: number;
  /** True when an earlier, interrupted upload was gone on with. */
  readonly resumed: boolean;
}

/** One upload. `done` settles once; failures are `UploadError`s with a stable `code`. */
export interface Upload {
  readonly source: UploadSource;
  /** Null until the API has named the image. */
  readonly imageId: string | null;
  readonly progress: UploadProgress;
  readonly done: Promise<UploadResult>;
  /** Calls back at every change, at most ten times a second but always at a change of state. Returns its own end. */
  readonly subscribe: (listener: (progress: UploadProgress) => void) => () => void;
  /** Stops sending; what is in storage stays there. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Gives the upload up, here and on the server. `done` rejects with code CANCELLED. */
  readonly cancel: () => Promise<void>;
}

export interface NetworkHints {
  /** `navigator.onLine`, or true where nobody knows. */
  readonly online: () => boolean;
  /** `navigator.connection.effectiveType`, or null. */
  readonly effectiveType: () => 'slow-2g' | '2g' | '3g' | '4g' | null;
  readonly saveData: () => boolean;
  /** Calls back at online and offline events. Returns its own end. */
  readonly subscribe: (listener: () => void) => () => void;
}

export interface UploaderOptions {
  /** Base URL of the upload API, without a slash at its end. */
  readonly api: string;
  /** An access token of scope `upload`, or what gives one; asked again when one has ended. */
  readonly token: string | (() => string | Promise<string>);
  /** Default: XMLHttpRequest in browsers, `node:http` in Node (by `@darkroom/client/node`). */
  readonly transport?: HttpTransport;
  /** Default: IndexedDB in browsers, none elsewhere. Null: nothing is remembered. */
  readonly store?: ResumeStore | null;
  readonly network?: NetworkHints;
  /** Files at the same time; the rest wait. Default 3. */
  readonly files?: number;
  /** How bytes travel; default `auto`. */
  readonly prefer?: 'auto' | 'post' | 'multipart' | 'chunks';
  /** An upload without any progress for so long is given up. Default: never (the upload token ends after a day). */
  readonly patienceSeconds?: number;
}

export interface Uploader {
  /** Starts an upload, or goes on with the one that the store remembers for this fingerprint. */
  readonly add: (source: UploadSource | Blob) => Upload;
  /** Uploads that the store remembers and that are not under way here: after a reload, `add(fromRecord(record))` goes on. */
  readonly interrupted: () => Promise<readonly ResumeRecord[]>;
  /** Forgets an interrupted upload and gives it up on the server. */
  readonly forget: (record: ResumeRecord) => Promise<void>;
  /** Ends all timers and listeners; uploads under way are paused and stay resumable. */
  readonly close: () => void;
}

/** Stable codes of `UploadError`: these, or whatever code the API answered (TOO_LARGE, TOKEN_EXPIRED, …). */
export type ClientErrorCode =
  | 'CANCELLED'
  | 'SOURCE_CHANGED'
  | 'UNREACHABLE'
  | 'STALLED'
  | 'BAD_ANSWER'
  | 'CHECKSUM_MISMATCH';
