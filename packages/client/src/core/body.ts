import type { HttpRequest, HttpResponse } from '../contract.ts';
import type { Job } from './run.ts';
import type { Watch } from './watch.ts';

interface Order {
  readonly job: Job;
  readonly watch: Watch;
  readonly request: Omit<HttpRequest, 'signal' | 'onProgress'>;
  /** Bytes of the file in it. */
  readonly size: number;
  readonly signal: AbortSignal;
  /** Whether the transport is asked for progress; default true. */
  readonly watched?: boolean;
  /** Bytes of this body that have left. */
  readonly onSent: (bytes: number) => void;
}

/** Sends one body under the eyes of the watch. Rejects with a `NetworkError`, or with the signal's reason. */
export const sendBody = async (order: Order): Promise<HttpResponse> => {
  const { job, watch, request, size, signal } = order;
  signal.throwIfAborted();
  const own = new AbortController();
  const onAbort = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const flight = watch.fly(size, (reason) => own.abort(reason));
  let before = 0;
  const onProgress = (raw: number): void => {
    // A form is longer than the file in it.
    const sent = Math.min(raw, size);
    if (sent <= before) return;
    job.meter.wire(sent - before);
    before = sent;
    flight.moved();
    order.onSent(sent);
  };
  try {
    const response = await job.ports.transport({
      ...request,
      signal: own.signal,
      ...(order.watched !== false && { onProgress }),
    });
    onProgress(size);
    return response;
  } finally {
    flight.end();
    signal.removeEventListener('abort', onAbort);
  }
};
