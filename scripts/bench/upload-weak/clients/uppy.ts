import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { BenchFile, CreateClient, StoredAt } from '../protocol.ts';

/** As long as a person takes to see that it failed and to press "Retry". */
const PRESS_RETRY_MS = 2000;
/** S3's least part, and Uppy's: smaller files are one part whatever it is told. */
const PART_BYTES = 5_242_880;

/** What this uses of Uppy 6. */
interface UppyFile {
  readonly response?: { readonly body?: { readonly key?: string; readonly location?: string } };
  readonly uploadURL?: string;
}
interface UploadOutcome {
  readonly successful?: readonly UppyFile[];
  readonly failed?: readonly { readonly error?: unknown }[];
}
interface UppyInstance {
  readonly use: (plugin: unknown, options: object) => UppyInstance;
  readonly addFile: (file: { name: string; type: string; data: Blob }) => string;
  readonly upload: () => Promise<UploadOutcome | undefined>;
  readonly retryAll: () => Promise<UploadOutcome | undefined>;
  readonly getFile: (id: string) => UppyFile;
  readonly destroy: () => void;
}

/** The copy that the tests of the published clients use, so that both speak of one version. */
const packageOfTests = createRequire(new URL('../../../../test/clients/uppy6/package.json', import.meta.url));
const load = async (name: string): Promise<{ default: unknown }> =>
  (await import(pathToFileURL(packageOfTests.resolve(name)).href)) as { default: unknown };

/** jsdom comes without types: this much of it is used. */
type Window = Pick<
  typeof globalThis,
  'XMLHttpRequest' | 'FormData' | 'Blob' | 'File' | 'ProgressEvent' | 'document' | 'navigator'
>;
const { JSDOM } = createRequire(import.meta.url)('jsdom') as {
  JSDOM: new (html: string, options: { url: string }) => { window: Window };
};

// A page of S3's own origin: then no request needs a CORS preflight, which is generous, as in a browser each presigned URL needs one.
const openWindow = (origin: string): Pick<Window, 'File'> => {
  const { window } = new JSDOM('', { url: origin });
  const { XMLHttpRequest, FormData, Blob, File, ProgressEvent, document, navigator } = window;
  Object.assign(globalThis, { window, XMLHttpRequest, FormData, Blob, File, ProgressEvent, document });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  return { File };
};

const keyOf = (file: UppyFile | undefined): string => {
  const { key, location } = file?.response?.body ?? {};
  const url = location ?? file?.uploadURL;
  if (key !== undefined) return key;
  if (url === undefined) throw new Error('expected the place of the stored file but received none');
  return decodeURIComponent(new URL(url).pathname).replace(/^\/(?:[^/]*-originals-[^/]*\/)?/, '');
};

/** @uppy/aws-s3 6 as published, against the Companion routes. Whenever it gives up, somebody presses "Retry". */
export const createClient =
  ({ multipart }: { multipart: boolean }): CreateClient =>
  ({ api, token, s3 }) => {
    const { File } = openWindow(s3);
    return async (file: BenchFile): Promise<StoredAt> => {
      const [{ default: Uppy }, { default: AwsS3 }] = await Promise.all([load('@uppy/core'), load('@uppy/aws-s3')]);
      const uppy = new (Uppy as new (options: object) => UppyInstance)({
        // Its own log to the console is nobody's reading here.
        logger: { debug: () => undefined, warn: () => undefined, error: () => undefined },
      });
      uppy.use(AwsS3, {
        companionEndpoint: `${api}/u/${token}`,
        shouldUseMultipart: multipart && file.size > PART_BYTES,
      });
      const id = uppy.addFile({
        name: file.name,
        type: file.type,
        data: new File([await readFile(file.path)], file.name, { type: file.type }),
      });
      for (let outcome = await uppy.upload(); ; outcome = await uppy.retryAll()) {
        if ((outcome?.failed ?? []).length === 0) break;
        await sleep(PRESS_RETRY_MS);
      }
      const key = keyOf(uppy.getFile(id));
      uppy.destroy();
      return { kind: 's3', key };
    };
  };
