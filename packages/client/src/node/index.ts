import type { Uploader, UploaderOptions } from '../contract.ts';
import type { Ports } from '../core/ports.ts';
import { createUploaderWith } from '../core/uploader.ts';
import { createNodeTransport } from './http.ts';
import { nodeHashes, unknownNetwork } from './platform.ts';

export type * from '../contract.ts';
export { NetworkError, UploadError } from '../core/errors.ts';
export { fromBlob, fromRecord } from '../core/source.ts';
export { type FileSourceOptions, fileSource } from './file.ts';
export { createNodeTransport } from './http.ts';
export { createFileStore } from './store.ts';

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
    ...nodeHashes,
  };
  return createUploaderWith(options, ports);
};
