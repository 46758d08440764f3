/** What a test asks of one run of tus-js-client, as JSON in `TUS_JOB`. */
export interface TusJob {
  /** `http://…/u/{token}/files` */
  readonly endpoint: string;
  /** The file to send. */
  readonly path: string;
  /** Bytes of one request. */
  readonly chunkSize: number;
  readonly metadata: Record<string, string>;
  /** Failures in a row that it gets over. */
  readonly retries: number;
  /** The file in which it keeps the URLs of uploads that were begun. */
  readonly storage: string;
  readonly checksum?: boolean;
  readonly duringCreation?: boolean;
  readonly overrideMethod?: boolean;
  /** After the second chunk: the process ends without another word, or the upload is deleted. */
  readonly act?: 'crash' | 'terminate';
}

/** One line of JSON on stdout; none after a crash. */
export interface TusReport {
  readonly error: string | null;
  readonly url: string | null;
  readonly chunks: number;
  /** Methods of the requests, in order. */
  readonly requests: readonly string[];
  /** Uploads of this file that an earlier run had begun. */
  readonly resumed: number;
}
