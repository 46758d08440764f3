import { signToken } from '@darkroom/runtime/tokens';
import type { AccessClaims, UploadClaims } from '@darkroom/types/tokens';
import { limits } from '@darkroom/types/limits';
import type { UploadStore } from '../../src/ports.ts';

/** 2026-11-23T20:40:00.000Z. */
export const NOW = Date.UTC(2026, 10, 23, 20, 40);
export const SECRET = 'a-test-secret-of-at-least-32-bytes!';
export const IMAGE_ID = '01KAS0V1CZ8Y4W3T2R1Q0P9N8M';
export const OTHER_ID = '01KAS0V1CZ8Y4W3T2R1Q0P9N8N';
export const BUCKET = 'darkroom-test-originals';
export const policy = limits.upload;

const inAnHour = NOW / 1000 + 3600;

export const accessClaims = (changes: Partial<AccessClaims> = {}): AccessClaims => ({
  typ: 'access',
  tenant: 'acme',
  owner: 'ada',
  scopes: ['upload'],
  exp: inAnHour,
  ...changes,
});

export const uploadClaims = (changes: Partial<UploadClaims> = {}): UploadClaims => ({
  typ: 'upload',
  tenant: 'acme',
  owner: 'ada',
  imageId: IMAGE_ID,
  size: 20_000_000,
  contentType: 'image/jpeg',
  filename: 'a.jpg',
  sha256: null,
  partSize: 8_388_608,
  exp: inAnHour,
  ...changes,
});

export const bearer = (claims: AccessClaims | UploadClaims, secret = SECRET): { authorization: string } => ({
  authorization: `Bearer ${signToken(claims, secret)}`,
});

const unexpected = (name: string) => () => Promise.reject(new Error(`${name} was not expected to be called`));

/** A store where every call that a test does not name fails it: what must stay pure CPU is proved so. */
export const storeOf = (ports: Partial<UploadStore> = {}): UploadStore => ({
  signPost: ({ key, size }) =>
    Promise.resolve({ url: `https://s3.test/${BUCKET}`, fields: { key, size: JSON.stringify(size) } }),
  signChunk: ({ imageId, offset, size, sha256 }) =>
    Promise.resolve({
      url: `https://s3.test/${BUCKET}/staging/${imageId}/${String(offset)}?size=${String(size)}`,
      headers: sha256 === null ? {} : { 'x-amz-checksum-sha256': sha256 },
    }),
  listChunks: unexpected('listChunks'),
  readChunk: unexpected('readChunk'),
  putChunk: unexpected('putChunk'),
  deleteChunks: unexpected('deleteChunks'),
  writeOriginal: unexpected('writeOriginal'),
  head: unexpected('head'),
  ...ports,
});
