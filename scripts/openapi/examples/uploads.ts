import {
  bucket,
  fields,
  imageId,
  type RouteExample,
  sha256,
  signature,
  signedUntil,
  tokenEnds,
  uploadToken,
} from './values.ts';

const params = { id: imageId };
const chunk = { offset: 0, size: 262_144 };
const signedChunk = {
  ...chunk,
  url: `${bucket}/staging/${imageId}/0?${signature}`,
  headers: { 'x-amz-checksum-sha256': 'LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=' },
};
const part = (partNumber: number, size: number) => ({
  partNumber,
  url: `${bucket}/staging/${imageId}/${(partNumber - 1) * 8_388_608}?${signature}`,
  size,
});
const etag = '9b2cf535f27731c974343645a3985328';
const post = { kind: 'post', url: `${bucket}/`, fields, expiresAt: signedUntil };

export const uploadExamples: Readonly<Record<string, RouteExample>> = {
  health: { answers: { 200: { status: 'ok', service: 'upload' } } },
  createUpload: {
    body: { size: 3_145_728, contentType: 'image/jpeg', filename: 'harbour.jpg', sha256 },
    answers: { 201: { imageId, uploadToken, expiresAt: tokenEnds, upload: post } },
  },
  signUpload: { params, answers: { 200: { upload: post } } },
  listParts: {
    params,
    query: { after: 0 },
    answers: { 200: { parts: [{ partNumber: 1, etag, size: 8_388_608 }], next: null } },
  },
  signParts: {
    params,
    body: { partNumbers: [2, 3] },
    answers: { 200: { parts: [part(2, 8_388_608), part(3, 1_048_576)], expiresAt: signedUntil } },
  },
  signChunks: {
    params,
    body: { chunks: [{ ...chunk, sha256 }] },
    answers: { 200: { chunks: [signedChunk], judged: false, expiresAt: signedUntil } },
  },
  getUpload: {
    params,
    answers: {
      200: { imageId, size: 3_145_728, state: 'open', received: [chunk], etag: null, expiresAt: tokenEnds },
    },
  },
  completeUpload: { params, body: { sha256 }, answers: { 200: { imageId, etag } } },
  deleteUpload: { params, answers: {} },
};
