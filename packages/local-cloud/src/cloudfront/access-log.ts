import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { PutObject } from '../ports.ts';
import type { CloudContext } from '../service.ts';

/** One request of a viewer and what became of it. */
export interface LoggedRequest {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly viewerIp: string;
  readonly method: string;
  readonly host: string;
  /** Path and query as the viewer sent them, before any function. */
  readonly path: string;
  readonly query: string;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
  readonly cookie: string | undefined;
  readonly status: number;
  readonly contentType: string | undefined;
  /** Bytes of body sent. */
  readonly bytes: number;
  readonly result: string;
  readonly requestId: string;
  /** Seconds. */
  readonly took: number;
}

/** Where a distribution writes its log: `Logging` of its configuration. */
export interface LogTarget {
  readonly bucket: string;
  readonly prefix: string;
  readonly includeCookies: boolean;
}

export interface AccessLog {
  readonly record: (request: LoggedRequest) => void;
  /** Writes what has not been written. */
  readonly flush: () => Promise<void>;
}

/** Fields of a standard log (legacy), in their order: developer guide, "Log file fields". */
const FIELDS =
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end';

/** The edge location of this machine. */
const LOCATION = 'LOC50-P1';
const DISTRIBUTION = 'ELOCAL';

/** CloudFront writes several times an hour; a person at this machine waits for seconds. */
const WRITE_AFTER_MS = 5_000;
const MOST_LINES = 1_000;

const compress = promisify(gzip);

/** What CloudFront encodes: white space, quotes and everything that is no printable ASCII; `%` as well, so that it can be undone. */
const encoded = (value: string | undefined): string =>
  value === undefined || value === '' ? '-' : value.replaceAll(/[^!-~]|["%'<>\\^`{|}]/gu, encodeURIComponent);

/** The path and query of a request line are encoded already. */
const asSent = (value: string): string => (value === '' ? '-' : value.replaceAll(/[^!-~]/gu, encodeURIComponent));

const lineOf = (request: LoggedRequest, includeCookies: boolean): string => {
  const [date = '', time = ''] = new Date(request.time).toISOString().slice(0, 19).split('T');
  const took = request.took.toFixed(3);
  return [
    date,
    time,
    LOCATION,
    request.bytes,
    request.viewerIp,
    request.method,
    request.host,
    asSent(request.path),
    request.status,
    encoded(request.referer),
    encoded(request.userAgent),
    asSent(request.query),
    includeCookies ? encoded(request.cookie) : '-',
    request.result,
    request.requestId,
    request.host,
    'http',
    0,
    took,
    '-',
    '-',
    '-',
    request.result,
    'HTTP/1.1',
    '-',
    '-',
    0,
    took,
    request.result,
    encoded(request.contentType),
    request.bytes,
    '-',
    '-',
  ].join('\t');
};

/** `{prefix}{distribution}.{YYYY-MM-DD-HH}.{unique}.gz`, the hour in UTC. */
const nameOf = (prefix: string, time: number): string => {
  const hour = new Date(time).toISOString().slice(0, 13).replace('T', '-');
  return `${prefix}${DISTRIBUTION}.${hour}.${randomBytes(4).toString('hex')}.gz`;
};

/** Writes the standard log (legacy) of a distribution: a file of its bucket for a few seconds of requests, tab-separated, gzipped. */
export const createAccessLog = (context: CloudContext, target: LogTarget, putObject: PutObject): AccessLog => {
  let lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (batch: readonly string[]): Promise<void> => {
    const text = `#Version: 1.0\n#Fields: ${FIELDS}\n${batch.join('\n')}\n`;
    const key = nameOf(target.prefix, context.now());
    try {
      await putObject({ bucket: target.bucket, key, body: await compress(text), contentType: 'application/x-gzip' });
    } catch (error) {
      // As on AWS: logs are delivered on a best effort, and serving does not wait for them.
      context.log('warn', 'an access log was not written', { bucket: target.bucket, key, error: String(error) });
    }
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const batch = lines;
    lines = [];
    if (batch.length > 0) writing = writing.then(() => write(batch));
    return writing;
  };

  return {
    record: (request) => {
      lines.push(lineOf(request, target.includeCookies));
      if (lines.length >= MOST_LINES) void flush();
      else timer ??= setTimeout(() => void flush(), WRITE_AFTER_MS).unref();
    },
    flush,
  };
};
