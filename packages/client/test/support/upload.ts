import type {
  HttpRequest,
  HttpResponse,
  HttpTransport,
  NetworkHints,
  UploaderOptions,
  UploadResult,
  UploadSource,
} from '../../src/contract.ts';
import { createNodeUploader } from '../../src/node/index.ts';
import { unknownNetwork } from '../../src/node/platform.ts';
import type { Asked, Cloud } from './cloud.ts';

/** Chunks of a link that its browser calls weak, in bytes, as long as it was not cut often. */
export const UNIT = 65_536;

/** A browser that says '3g': chunks are small from the first to the last, however fast loopback is. */
export const weakNetwork: NetworkHints = { ...unknownNetwork, effectiveType: () => '3g' };

export const sourceOf = (bytes: Uint8Array<ArrayBuffer>, fingerprint: string | null = null): UploadSource => ({
  size: bytes.length,
  type: 'image/jpeg',
  name: 'a.jpg',
  fingerprint,
  read: (start, end) => Promise.resolve(bytes.slice(start, end)),
});

/** Uploads with an uploader of its own, in small chunks unless told otherwise. Throws what the upload failed with. */
export const send = async (
  cloud: Cloud,
  bytes: Uint8Array<ArrayBuffer>,
  options: Partial<UploaderOptions> = {},
): Promise<UploadResult> => {
  const uploader = createNodeUploader({
    ...{ api: cloud.url, token: 't', network: weakNetwork, prefer: 'chunks' },
    ...options,
  });
  try {
    return await uploader.add(sourceOf(bytes)).done;
  } finally {
    uploader.close();
  }
};

/** Whether the original is there, byte for byte. */
export const holds = (cloud: Cloud, imageId: string, bytes: Uint8Array): boolean =>
  cloud.model.uploads.get(imageId)?.original?.equals(bytes) ?? false;

/** Offsets of the chunks that were asked for, in order. */
export const offsetsOf = (asked: readonly Asked[]): number[] => asked.flatMap(({ offset }) => offset ?? []);
export const timesAsked = (asked: readonly Asked[], what: Asked['what']): number =>
  asked.filter((one) => one.what === what).length;

/** A transport that notes which chunks were sent although storage's yes to them had arrived. */
export const witness = (inner: HttpTransport): { readonly transport: HttpTransport; readonly again: string[] } => {
  const stored = new Set<string>();
  const again: string[] = [];
  return {
    again,
    transport: async (request) => {
      const { pathname } = new URL(request.url);
      if (request.method === 'PUT' && stored.has(pathname)) again.push(pathname);
      const response = await inner(request);
      if (request.method === 'PUT' && response.status === 200) stored.add(pathname);
      return response;
    },
  };
};

/** No answer ever: settles only when the client gives up. */
export const vanish = ({ signal }: HttpRequest): Promise<HttpResponse> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** An answer without a server. */
export const reply = (status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  header: (name) => headers[name.toLowerCase()] ?? null,
  text: '',
});
