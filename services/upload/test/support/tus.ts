import { createAuthenticator } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { signToken, verifyUploadToken } from '@darkroom/runtime/tokens';
import { limits } from '@darkroom/types/limits';
import type { UploadClaims } from '@darkroom/types/tokens';
import { pngOf } from '../../../../packages/imaging/test/support/bytes.ts';
import { createTusApp, type TusDeps } from '../../src/functions/tus/app.ts';
import { accessClaims, IMAGE_ID, NOW, policy, SECRET } from './fixtures.ts';
import { type MemoryChunks, memoryChunks, originalOf } from './memory-chunks.ts';

const MEBIBYTE = 1_048_576;

/** A picture by its header, `size` bytes long, no two stretches alike. */
export const pictureOf = (size = 300_000): Buffer => {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8)) % 251;
  pngOf(64, 48).copy(bytes);
  return bytes;
};

export const accessToken = (changes: Parameters<typeof accessClaims>[0] = {}, secret = SECRET): string =>
  signToken(accessClaims(changes), secret);

/** `Upload-Metadata` (tus 1.0, Creation): names, each with its value in Base64. */
export const metadataHeader = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');

export interface TusHarness extends MemoryChunks {
  readonly now: { milliseconds: number };
  /** Uploads that were counted. */
  readonly counted: () => number;
  /** One request; `path` behind `/u/{token}/files`, or a whole URL. */
  readonly send: (
    method: string,
    path: string,
    request?: { headers?: Record<string, string>; body?: Uint8Array<ArrayBuffer>; token?: string },
  ) => Promise<Response>;
  /** Claims in an upload's URL. */
  readonly claimsOf: (location: string) => UploadClaims;
  /** The original that the upload of this URL became. */
  readonly original: (location: string) => Buffer | undefined;
  readonly staged: () => readonly string[];
}

/** The app on a staging area in memory, with a clock that a test may turn. */
export const tusHarness = (changes: Partial<TusDeps> = {}): TusHarness => {
  const memory = memoryChunks();
  const now = { milliseconds: NOW };
  let counted = 0;
  const app = createTusApp({
    logger: createLogger('test'),
    auth: createAuthenticator(
      () => Promise.resolve(SECRET),
      () => now.milliseconds,
    ),
    secret: () => Promise.resolve(SECRET),
    store: memory.store,
    policy,
    header: limits.validate,
    now: () => now.milliseconds,
    newId: () => IMAGE_ID,
    countUpload: () => (counted += 1),
    ...changes,
  });
  const idIn = (location: string): string => location.split('/').at(-1) ?? '';
  const claimsOf = (location: string) => verifyUploadToken(idIn(location), { secret: SECRET, now: 0 });
  return {
    ...memory,
    now,
    counted: () => counted,
    claimsOf,
    original: (location) => originalOf(memory, claimsOf(location).imageId),
    staged: () => [...memory.chunks.keys()].map((name) => name.split('/')[1] ?? ''),
    send: async (method, path, { headers = {}, body, token = accessToken() } = {}) => {
      const url = path.startsWith('http') ? path : `http://api.test/u/${token}/files${path}`;
      return app.request(url, { method, headers: { host: 'api.test', ...headers }, ...(body && { body }) });
    },
  };
};

export const body = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
export { MEBIBYTE };
