import type { PublicImage } from '@darkroom/types/api';
import type { TokenSource } from './config.ts';

/** The API answered with an error, or not at all (`status` 0). `message` is a sentence for the viewer. */
export class ApiError extends Error {
  readonly status: number;
  /** What the API asks to wait, in milliseconds, or null. */
  readonly retryAfterMs: number | null;

  constructor(message: string, status: number, options: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.status = status;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export interface ImagePage {
  readonly images: readonly PublicImage[];
  readonly next: string | null;
}

export interface Api {
  /** Null when there is no such image (yet). Throws ApiError. */
  readonly getImage: (imageId: string, signal?: AbortSignal) => Promise<PublicImage | null>;
  /** Newest first. Throws ApiError. */
  readonly listImages: (cursor: string | null, limit: number) => Promise<ImagePage>;
}

/** RFC 9110 §10.2.3 in its form of seconds, the one our APIs use. */
const retryAfterOf = (answer: Response): number | null => {
  const seconds = Number(answer.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
};

const ACCESS_ENDED = 'Your access to this page has ended. Reload it to go on.';

const failure = async (answer: Response): Promise<ApiError> => {
  if (answer.status === 401) return new ApiError(ACCESS_ENDED, 401);
  const body = (await answer.json().catch(() => undefined)) as { message?: unknown } | undefined;
  const message = typeof body?.message === 'string' ? body.message : `the API answered ${answer.status}`;
  return new ApiError(message, answer.status, { retryAfterMs: retryAfterOf(answer) });
};

/** An answer takes no longer than this on the slowest link worth waiting for; then the read is tried again later. */
const TIMEOUT_MS = 20_000;

/** The read side of the catalogue's API. The token travels in a header and never in an address. */
export const createApi = (base: string, tokens: TokenSource, fetcher: typeof fetch = fetch): Api => {
  const send = async (path: string, signal?: AbortSignal): Promise<Response> => {
    const headers = { authorization: `Bearer ${await tokens.get()}` };
    // By hand: AbortSignal.any is too young for phones in use.
    const ending = new AbortController();
    const end = () => ending.abort();
    signal?.addEventListener('abort', end, { once: true });
    const timer = setTimeout(end, TIMEOUT_MS);
    try {
      return await fetcher(`${base}${path}`, { headers, signal: ending.signal });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    }
  };
  const read = async (path: string, signal?: AbortSignal): Promise<Response> => {
    try {
      const answer = await send(path, signal);
      if (answer.status !== 401) return answer;
      tokens.drop();
      return await send(path, signal);
    } catch (cause) {
      throw new ApiError('The API does not answer.', 0, { cause });
    }
  };
  return {
    getImage: async (imageId, signal) => {
      const answer = await read(`/images/${imageId}`, signal);
      if (answer.status === 404) return null;
      if (!answer.ok) throw await failure(answer);
      return (await answer.json()) as PublicImage;
    },
    listImages: async (cursor, limit) => {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor !== null && { cursor }) });
      const answer = await read(`/images?${query.toString()}`);
      if (!answer.ok) throw await failure(answer);
      return (await answer.json()) as ImagePage;
    },
  };
};
