import type { HttpRequest, HttpResponse } from '../contract.ts';
import { NetworkError } from './errors.ts';
import type { Ports } from './ports.ts';

/** Sends a small request once, and gives it up with a `NetworkError` when the answer takes longer than `limit` milliseconds. */
export const exchange = async (
  ports: Pick<Ports, 'transport' | 'after'>,
  request: HttpRequest,
  limit: number,
): Promise<HttpResponse> => {
  request.signal.throwIfAborted();
  const own = new AbortController();
  const onAbort = (): void => own.abort(request.signal.reason);
  request.signal.addEventListener('abort', onAbort, { once: true });
  const cancel = ports.after(limit, () =>
    own.abort(new NetworkError(`expected an answer within ${limit} ms but none came`, { stalled: true })),
  );
  try {
    return await ports.transport({ ...request, signal: own.signal });
  } finally {
    cancel();
    request.signal.removeEventListener('abort', onAbort);
  }
};
