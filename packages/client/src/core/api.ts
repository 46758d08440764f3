import type {
  ByteRange,
  CreateUploadRequest,
  CreateUploadResponse,
  SignedChunk,
  UploadStatus,
  ChunkOrder,
} from '@darkroom/types/api';
import type { HttpRequest, HttpResponse, UploaderOptions } from '../contract.ts';
import { asError, expected, NetworkError, UploadError } from './errors.ts';
import { exchange } from './exchange.ts';
import type { Link } from './link.ts';
import type { Patience, Trouble } from './patience.ts';
import type { Ports } from './ports.ts';
import { isTransient, retryAfter } from './retry.ts';

/** Calls of the upload API, tried until they succeed, are refused, or patience ends. */
export interface Api {
  readonly create: (request: CreateUploadRequest, via: Via) => Promise<CreateUploadResponse>;
  /** The API's verdict on the first bytes comes as an `UploadError` with the reason's code and status 409. */
  readonly signChunks: (ticket: Ticket, body: SignBody, via: Via) => Promise<SignedChunks>;
  readonly status: (ticket: Ticket, via: Via) => Promise<UploadStatus>;
  /** One try, over a new connection: tells whether the link is there. Throws what came instead. */
  readonly probe: (ticket: Ticket, via: Probe) => Promise<UploadStatus>;
  readonly complete: (ticket: Ticket, body: CompleteBody, via: Via) => Promise<void>;
  /** One try; an upload that is gone already is fine. */
  readonly remove: (ticket: Ticket, signal: AbortSignal) => Promise<void>;
}
/** What the API must be told about an upload. */
export interface Ticket {
  readonly imageId: string;
  readonly uploadToken: string;
}
export interface Via {
  readonly signal: AbortSignal;
  readonly patience: Patience;
  readonly onRetry: () => void;
}
export interface Probe {
  readonly signal: AbortSignal;
  /** Most milliseconds to wait for the answer. */
  readonly limit: number;
}
interface SignBody {
  readonly chunks: readonly ChunkOrder[];
  readonly judged?: boolean;
}
export interface SignedChunks {
  readonly chunks: readonly SignedChunk[];
  readonly judged: boolean;
  readonly expiresAt: string;
}
interface CompleteBody {
  readonly sha256: string;
  readonly chunks: readonly ChunkOrder[];
}

/** Waits for an answer, in milliseconds: several round trips, and a cold start of a function (1 to 2 s). */
const LEAST_LIMIT_MS = 5_000;
/** While the round trip is unknown: 2G answers within this. */
const FIRST_LIMIT_MS = 12_000;
const MOST_LIMIT_MS = 60_000;
/** Completing reads and writes the whole file; the API ends at 30 s by itself. */
const COMPLETE_LIMIT_MS = 35_000;
/** A page of a captive portal comes with status 200; so often it is taken for one before it is taken for the API's own fault. */
const STRANGE_ANSWERS = 5;

interface Call {
  readonly method: string;
  readonly path: string;
  readonly bearer: string;
  readonly body?: unknown;
  /** Milliseconds; the default grows with the round trip. */
  readonly limit?: number;
  readonly fresh?: boolean;
}

interface Tries {
  failures: number;
  /** Answers that were none of the API's. */
  strangers: number;
}
const isTrouble = (outcome: Record<string, unknown> | Trouble): outcome is Trouble => outcome.cause instanceof Error;

interface Refusal {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly requestId?: unknown;
  readonly resend?: unknown;
}

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** The refusal of an API as an error; `resend` is kept for those who can act on it. */
export class ApiRefusal extends UploadError {
  readonly resend: readonly ByteRange[] | null;

  constructor(response: HttpResponse) {
    const body: Refusal = parsed(response.text) ?? {};
    const code = typeof body.code === 'string' ? body.code : 'BAD_ANSWER';
    const message =
      typeof body.message === 'string' ? body.message : expected('an answer of the API', 'the call', response.status);
    super(code, message, {
      status: response.status,
      ...(typeof body.requestId === 'string' && { requestId: body.requestId }),
    });
    this.resend = Array.isArray(body.resend) ? (body.resend as ByteRange[]) : null;
  }
}

const isOk = (response: HttpResponse): boolean => response.status >= 200 && response.status < 300;

/** Whether the call that got this answer may be made again; the message says what was wrong with it. */
const strange = (response: HttpResponse): boolean => isOk(response) && parsed(response.text) === undefined;

export const createApi = (ports: Ports, link: Link, options: Pick<UploaderOptions, 'api' | 'token'>): Api => {
  const limitOf = (call: Call, failures: number): number => {
    const rtt = link.rtt();
    const first = rtt === null ? FIRST_LIMIT_MS : Math.max(LEAST_LIMIT_MS, 10 * rtt);
    return call.limit ?? Math.min(MOST_LIMIT_MS, first * 1.5 ** failures);
  };

  const once = async (call: Call, signal: AbortSignal, failures = 0): Promise<HttpResponse> => {
    const hasBody = call.body !== undefined;
    const request: HttpRequest = {
      method: call.method,
      url: `${options.api}${call.path}`,
      headers: {
        authorization: `Bearer ${call.bearer}`,
        ...(hasBody && { 'content-type': 'application/json' }),
      },
      body: hasBody ? JSON.stringify(call.body) : null,
      signal,
      ...(call.fresh === true && { fresh: true }),
    };
    const startedAt = ports.now();
    const response = await exchange(ports, request, limitOf(call, failures));
    const handshake = response.connectMilliseconds;
    if (handshake !== undefined) link.roundTrip(handshake, true);
    // How long completing takes says nothing of the link.
    if (call.limit === undefined) link.roundTrip(ports.now() - startedAt - (handshake ?? 0), false);
    return response;
  };

  /** One try: what was answered, or the failure to wait after. Throws what no repetition helps. */
  const attempt = async (call: Call, via: Via, tries: Tries): Promise<Record<string, unknown> | Trouble> => {
    const startedAt = ports.now();
    const outcome = await once(call, via.signal, tries.failures).catch(asError);
    via.signal.throwIfAborted();
    if (outcome instanceof Error) {
      if (!(outcome instanceof NetworkError)) throw outcome;
      const failures = tries.failures + 1;
      return { failure: 'silent', failures, retryAfter: null, spent: ports.now() - startedAt, cause: outcome };
    }
    const body = isOk(outcome) ? parsed(outcome.text) : undefined;
    if (body !== undefined) return body;
    const refusal = new ApiRefusal(outcome);
    if (isOk(outcome)) tries.strangers += 1;
    else if (!isTransient(outcome.status)) throw refusal;
    if (tries.strangers >= STRANGE_ANSWERS) throw refusal;
    const asked = retryAfter(outcome.header('retry-after'), ports.now());
    return { failure: 'answered', failures: tries.failures + 1, retryAfter: asked, cause: refusal };
  };

  const persist = async (call: Call, via: Via): Promise<Record<string, unknown>> => {
    const tries: Tries = { failures: 0, strangers: 0 };
    for (;;) {
      const outcome = await attempt(call, via, tries);
      if (!isTrouble(outcome)) return outcome;
      tries.failures += 1;
      via.onRetry();
      await via.patience.wait(outcome, via.signal);
    }
  };

  const accessToken = async (): Promise<string> =>
    typeof options.token === 'string' ? options.token : options.token();

  const create: Api['create'] = async (request, via) => {
    const ask = async (): Promise<unknown> =>
      persist({ method: 'POST', path: '/uploads', bearer: await accessToken(), body: request }, via);
    const answer = await ask().catch((error: unknown) => {
      // A token that has ended is asked for once more, where somebody can be asked.
      if (error instanceof ApiRefusal && error.status === 401 && typeof options.token !== 'string') return ask();
      throw error;
    });
    via.patience.progressed();
    return answer as CreateUploadResponse;
  };

  const pathOf = (ticket: Ticket): string => `/uploads/${encodeURIComponent(ticket.imageId)}`;
  return {
    create,
    signChunks: async (ticket, body, via) =>
      (await persist(
        { method: 'POST', path: `${pathOf(ticket)}/chunks`, bearer: ticket.uploadToken, body },
        via,
      )) as unknown as SignedChunks,
    status: async (ticket, via) =>
      (await persist(
        { method: 'GET', path: pathOf(ticket), bearer: ticket.uploadToken },
        via,
      )) as unknown as UploadStatus,
    probe: async (ticket, { signal, limit }) => {
      const call: Call = { method: 'GET', path: pathOf(ticket), bearer: ticket.uploadToken, limit, fresh: true };
      const response = await once(call, signal);
      if (!isOk(response) || strange(response)) throw new ApiRefusal(response);
      return parsed(response.text) as unknown as UploadStatus;
    },
    complete: async (ticket, body, via) => {
      const path = `${pathOf(ticket)}/complete`;
      await persist({ method: 'POST', path, bearer: ticket.uploadToken, body, limit: COMPLETE_LIMIT_MS }, via);
      via.patience.progressed();
    },
    remove: async (ticket, signal) => {
      const response = await once({ method: 'DELETE', path: pathOf(ticket), bearer: ticket.uploadToken }, signal);
      if (!isOk(response) && response.status !== 404 && response.status !== 410) throw new ApiRefusal(response);
    },
  };
};
