import { createIndexedDbStore } from './browser/indexeddb.ts';
import { browserNetwork } from './browser/network.ts';
import { xhrTransport } from './browser/xhr.ts';
import type { Uploader, UploaderOptions } from './contract.ts';
import type { Ports } from './core/ports.ts';
import { digest, sha256Stream } from './core/sha256.ts';
import { createUploaderWith } from './core/uploader.ts';

export type * from './contract.ts';
export { NetworkError, UploadError } from './core/errors.ts';
export { fromBlob, fromRecord } from './core/source.ts';

/** The clock and timers of the platform. */
const platform = {
  now: () => Date.now(),
  random: () => Math.random(),
  after: (milliseconds: number, run: () => void) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** An uploader for browsers: XMLHttpRequest, IndexedDB, `navigator.connection`. In Node, use `createNodeUploader` of `@darkroom/client/node`. */
export const createUploader = (options: UploaderOptions): Uploader => {
  const ports: Ports = {
    ...platform,
    transport: options.transport ?? xhrTransport,
    network: options.network ?? browserNetwork(),
    digest,
    hashStream: sha256Stream,
  };
  const store = options.store === undefined ? createIndexedDbStore() : options.store;
  return createUploaderWith({ ...options, store }, ports);
};
