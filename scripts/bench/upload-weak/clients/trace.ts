import { appendFileSync } from 'node:fs';
import type { HttpTransport } from '../../../../packages/client/src/node/index.ts';

/** The last part of a path says which call it is; tokens and signatures are nobody's reading. */
const nameOf = (url: string): string => new URL(url).pathname.split('/').slice(-2).join('/').slice(-40);

/** The same transport, with one line a request in a file: when it began, what it was, how long it took and how it ended. Milliseconds of the client's clock. */
export const traced = (transport: HttpTransport, path: string): HttpTransport => {
  const began = performance.now();
  const since = (then: number): string => (performance.now() - then).toFixed(0).padStart(6);
  return async (request) => {
    const start = performance.now();
    const { body } = request;
    const size = body instanceof Uint8Array || typeof body === 'string' ? body.length : 0;
    const note = (end: string): void => {
      const what = `${request.method} ${nameOf(request.url)} ${size}`;
      appendFileSync(path, `${since(began)} +${(start - began).toFixed(0)} took ${since(start)} ${what} ${end}\n`);
    };
    try {
      const response = await transport(request);
      note(`${response.status}${response.connectMilliseconds === undefined ? '' : ' new connection'}`);
      return response;
    } catch (error) {
      note(String(error));
      throw error;
    }
  };
};
