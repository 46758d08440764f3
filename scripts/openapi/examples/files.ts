import { imageId, type RouteExample } from './values.ts';

const token = 'eyJ0eXAiOiJhY2Nlc3Mi.Zk1xb7Qe';
const id = 'eyJ0eXAiOiJ1cGxvYWQi.q0v3Zk1x';
const tus = { 'Tus-Resumable': '1.0.0' };
const type = { 'Content-Type': 'application/offset+octet-stream' };
const complete = { imageId, etag: '9b2cf535f27731c974343645a3985328' };

export const fileExamples: Readonly<Record<string, RouteExample>> = {
  filesOptions: { params: { token }, answers: {} },
  createFile: {
    params: { token },
    headers: {
      ...tus,
      'Upload-Length': '3145728',
      'Upload-Metadata': 'filename aGFyYm91ci5qcGc=,filetype aW1hZ2UvanBlZw==',
    },
    answers: { 201: complete },
  },
  fileOffset: { params: { token, id }, headers: tus, answers: {} },
  appendFile: {
    params: { token, id },
    headers: { ...tus, ...type, 'Upload-Offset': '0' },
    body: 'the bytes of the file from the offset on',
    answers: { 200: complete },
  },
  deleteFile: { params: { token, id }, headers: tus, answers: {} },
};
