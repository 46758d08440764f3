import { createHash } from 'node:crypto';
import type { NetworkHints, Uploader, UploaderOptions } from '../contract.ts';
import type { Ports } from '../core/ports.ts';
import { createUploaderWith } from '../core/uploader.ts';
import { createNodeTransport } from './http.ts';

export type * from '../contract.ts';
export { NetworkError, UploadError } from '../core/errors.ts';
export { fromBlob, fromRecord } from '../core/source.ts';
export { type FileSourceOptions, fileSource } from './file.ts';
export { createNodeTransport } from './http.ts';
export { createFileStore } from './store.ts';

/** Nobody tells Node about the network: it is taken to be there, and measured. */
const unknownNetwork: NetworkHints = {
  online: () => true,
  effectiveType: () => null,
  saveData: () => false,
  subscribe: () => () => undefined,
};

/** An uploader for Node: `node:http`, OpenSSL's SHA-256, and nothing remembered unless `store` says where (`createFileStore`). */
export const createNodeUploader = (options: UploaderOptions): Uploader => {
  const ports: Ports = {
    transport: options.transport ?? createNodeTransport(),
    network: options.network ?? unknownNetwork,
    now: () => Date.now(),
    random: () => Math.random(),
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
    digest: (bytes) => Promise.resolve(createHash('sha256').update(bytes).digest('hex')),
    hashStream: () => {
      const hash = createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
    },
  };
  return createUploaderWith(options, ports);
};
