import { readFile } from 'node:fs/promises';
import { Upload } from 'tus-js-client';
import type { BenchFile, CreateClient, StoredAt } from '../protocol.ts';

/** Its defaults first, then the last of them for ever: the bench ends a hopeless transfer, not the client. */
const RETRY_DELAYS = [0, 1000, 3000, ...Array.from({ length: 1000 }, () => 5000)];

/** tus-js-client as published, against @tus/server with its own file store. */
export const createClient =
  ({ chunkBytes }: { chunkBytes: number | null }): CreateClient =>
  ({ peer }) =>
  async (file: BenchFile) => {
    const body = await readFile(file.path);
    return await new Promise<StoredAt>((resolve, reject) => {
      const upload = new Upload(body, {
        endpoint: `${peer}/files`,
        chunkSize: chunkBytes ?? Infinity,
        retryDelays: RETRY_DELAYS,
        storeFingerprintForResuming: false,
        metadata: { filename: file.name, filetype: file.type },
        onError: reject,
        onSuccess: () => {
          const id = upload.url?.split('/').at(-1);
          if (id === undefined) reject(new Error('expected the URL of a finished upload but received none'));
          else resolve({ kind: 'tus', id });
        },
      });
      upload.start();
    });
  };
