import type { PostForm } from '@darkroom/types/api';
import type { HttpResponse } from '../contract.ts';
import type { Ticket } from './api.ts';
import { sendBody } from './body.ts';
import { NetworkError } from './errors.ts';
import { isTransient, restAfter } from './retry.ts';
import { type Job, readSource } from './run.ts';
import { createWatch } from './watch.ts';

export interface FormTicket {
  readonly ticket: Ticket;
  readonly form: PostForm;
}

/** Tries of one form while storage answers that it is busy; then chunks carry the file, of which only a part is lost at a time. */
const TRIES = 3;
/** A larger form is tried once, in bytes: to repeat it would cost more than to go on in chunks. */
const REPEATED = 1_048_576;
/** Up to this size, in bytes, progress of a form is not watched: a browser asks for leave first (a CORS preflight) only when it is. */
const UNWATCHED = 262_144;

const formOf = async (job: Job, form: PostForm): Promise<FormData> => {
  const { source } = job;
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
  const file = source.blob ?? new Blob([await readSource(source, 0, source.size)], { type: source.type });
  // S3 ignores every field after `file`, so it comes last.
  data.append('file', file, 'file');
  return data;
};

/** What became of one try. */
type Outcome = 'stored' | 'busy' | 'lost' | 'refused';

/**
 * Sends the whole file as one form. Resolves to true when storage took it, and to false when chunks should carry it instead:
 * the link failed, or storage did not take the form. Rejects with the signal's reason.
 */
export const sendPost = async (job: Job, { ticket, form }: FormTicket, signal: AbortSignal): Promise<boolean> => {
  const { ports, gate, meter, link, source } = job;
  const watch = createWatch(ports, link, (limit) =>
    job.api.probe(ticket, { signal, limit }).then(
      () => true,
      () => false,
    ),
  );

  const send = async (body: FormData, onSent: (bytes: number) => void): Promise<HttpResponse> =>
    sendBody({
      job,
      watch,
      request: { method: 'POST', url: form.url, headers: {}, body },
      size: source.size,
      signal,
      watched: source.size > UNWATCHED,
      onSent,
    });

  const attempt = async (failures: number): Promise<Outcome> => {
    const body = await formOf(job, form);
    const pass = await gate.enter(job.order, signal);
    let sent = 0;
    pass.start(source.size);
    try {
      const response = await send(body, (bytes) => {
        sent = bytes;
        meter.bytes(0, bytes);
      });
      if (response.status >= 200 && response.status < 300) {
        pass.delivered();
        return 'stored';
      }
      if (!isTransient(response.status)) return 'refused';
      gate.hold(restAfter(response.header('retry-after'), failures, ports));
      return 'busy';
    } catch (error) {
      if (!(error instanceof NetworkError) || signal.aborted) throw error;
      link.cut(sent, ports.now());
      gate.careful();
      return 'lost';
    } finally {
      // Does nothing once it was delivered.
      pass.failed();
    }
  };

  meter.transport('post');
  const tries = source.size <= REPEATED ? TRIES : 1;
  for (let failures = 1; failures <= tries; failures++) {
    const outcome = await attempt(failures);
    if (outcome === 'stored') {
      meter.bytes(source.size, 0);
      return true;
    }
    meter.retried();
    if (outcome !== 'busy') return false;
  }
  return false;
};
