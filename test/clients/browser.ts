// What a published browser library finds around it: jsdom's window, files and XMLHttpRequest; fetch is Node's own.
// Imported before the library, because libraries look at these names when they are loaded.
import { createRequire } from 'node:module';

interface DomWindow extends Record<string, unknown> {
  readonly File: new (parts: readonly unknown[], name: string, options: { type: string }) => object;
}

// Its types would bring the names of a browser into every file of the repository.
const { JSDOM } = createRequire(import.meta.url)('jsdom') as {
  JSDOM: new (html: string, options: { url: string }) => { window: DomWindow };
};

/** An origin of its own, so that every request to the API and the storage crosses origins, preflights included. */
const { window } = new JSDOM('', { url: 'http://page.test/' });

const names = ['window', 'document', 'XMLHttpRequest', 'FormData', 'Blob', 'File', 'Event', 'ProgressEvent'] as const;
for (const name of names) {
  const value: unknown = name === 'window' ? window : window[name];
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** A file as an <input> would give it. */
export const fileOf = (name: string, type: string, bytes: Uint8Array): object =>
  new window.File([bytes], name, { type });
