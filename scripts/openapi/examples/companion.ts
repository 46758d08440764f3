import { bucket, fields, original, type RouteExample, signature } from './values.ts';

const token = 'eyJ0eXAiOiJhY2Nlc3Mi.Zk1xb7Qe';
const uploadId = 'eyJ0eXAiOiJtdWx0aXBhcnQi.b7QeZk1x';
const key = original;
const upload = { token, uploadId };
const name = 'darkroom-prod-originals';
const etag = '"9b2cf535f27731c974343645a3985328"';
const partUrl = (partNumber: number) => `${bucket}/${key}?partNumber=${partNumber}&uploadId=VXBsb2Fk&${signature}`;

export const companionExamples: Readonly<Record<string, RouteExample>> = {
  companionParams: {
    params: { token },
    query: { filename: 'harbour.jpg', type: 'image/jpeg' },
    answers: { 200: { method: 'POST', url: `${bucket}/`, fields, expires: 900 } },
  },
  companionSts: { params: { token }, answers: {} },
  companionOpen: {
    params: { token },
    body: { filename: 'harbour.jpg', type: 'image/jpeg', metadata: { album: 'Kiel' } },
    answers: { 200: { key, uploadId, bucket: name } },
  },
  companionListParts: {
    params: upload,
    query: { key },
    answers: { 200: [{ PartNumber: 1, ETag: etag, Size: 5_242_880, LastModified: '2026-11-24T08:00:12.000Z' }] },
  },
  companionSignBatch: {
    params: upload,
    query: { key, partNumbers: '1,2' },
    answers: { 200: { presignedUrls: { 1: partUrl(1), 2: partUrl(2) } } },
  },
  companionSignPart: {
    params: { ...upload, partNumber: 1 },
    query: { key },
    answers: { 200: { url: partUrl(1), expires: 900 } },
  },
  companionComplete: {
    params: upload,
    query: { key },
    body: { parts: [{ PartNumber: 1, ETag: etag }] },
    answers: { 200: { location: `${bucket}/${key}`, key, bucket: name } },
  },
  companionAbort: { params: upload, query: { key }, answers: { 200: {} } },
};
