import { sendJson } from '../lambda/http.ts';
import type { HttpService } from '../service.ts';

export interface AdminSources {
  readonly isReady: () => boolean;
  /** Figures of each part, by its name. */
  readonly stats: () => Record<string, unknown>;
  readonly metrics: () => unknown[];
  readonly functions: () => unknown[];
}

/** `/_darkroom/health`, `/_darkroom/metrics`, `/_darkroom/functions`: JSON for people, tests and the command line. */
export function createAdmin(sources: AdminSources): HttpService {
  const answers: Readonly<Record<string, () => { status: number; body: unknown }>> = {
    '/_darkroom/health': () => {
      const isReady = sources.isReady();
      return { status: isReady ? 200 : 503, body: { status: isReady ? 'ok' : 'starting', services: sources.stats() } };
    },
    '/_darkroom/metrics': () => ({ status: 200, body: { metrics: sources.metrics() } }),
    '/_darkroom/functions': () => ({ status: 200, body: { functions: sources.functions() } }),
  };
  return {
    handle(request, response) {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
      if (answer) {
        sendJson(response, answer());
      } else {
        const known = Object.keys(answers).join(', ');
        sendJson(response, {
          status: 404,
          body: { code: 'NOT_FOUND', message: `expected one of ${known} but received ${path}` },
        });
      }
      return Promise.resolve();
    },
  };
}
