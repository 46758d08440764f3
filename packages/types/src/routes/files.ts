import * as z from 'zod';
import { completeUploadResponseSchema, errorBodySchema } from '../api.ts';
import type { ErrorCode } from '../codes.ts';
import type { Route, RouteError } from './model.ts';
import { verdictCodes } from './verdicts.ts';

/** A problem of RFC 9457 as the IETF's draft names it, with the members that every error answer has here. */
export const fileProblemSchema = errorBodySchema.extend({
  type: z.url(),
  title: z.string(),
  /** Bytes that the upload has. */
  'expected-offset': z.int().nonnegative().optional(),
  /** Bytes that the request said it has. */
  'provided-offset': z.int().nonnegative().optional(),
});

/** `POST` and `PATCH` of the IETF's draft that completed the file; the same as `POST /uploads/{id}/complete` answers. */
export const fileCompleteSchema = completeUploadResponseSchema.extend({});

const count = z.string().regex(/^\d+$/);
const flag = z.enum(['?0', '?1']);
const tusVersion = z.literal('1.0.0').describe('tus only.');

const token = z.string().describe('Access token of scope `upload`.');
const id = z.string().describe('Last part of the `Location` that the creation answered.');

/** Headers of requests. Names without "tus" or "draft" in their words are of both protocols. */
const asked = {
  tus: { 'Tus-Resumable': z.literal('1.0.0').optional().describe('tus: always.') },
  draft: {
    'Upload-Draft-Interop-Version': z.literal('8').optional().describe('Draft: the version spoken here.'),
    'Upload-Complete': flag.optional().describe('Draft: whether the body is the rest of the file.'),
  },
  length: { 'Upload-Length': count.optional().describe('Bytes of the file.') },
  digests: {
    'Upload-Checksum': z
      .string()
      .optional()
      .describe('tus: `sha1`, `sha256`, `sha512` or `md5`, a space, Base64 of the digest of the body.'),
    'Content-Digest': z.string().optional().describe('Draft: `sha-256=:…:` of the body (RFC 9530).'),
  },
};

const noStore = { 'Cache-Control': z.literal('no-store') };
const uploadLimit = z.string().describe('`max-size`, `max-append-size` in bytes, `max-age` in seconds.');

/** Headers of answers. */
const told = {
  ...noStore,
  'Tus-Resumable': tusVersion.optional(),
  'Upload-Complete': flag.optional().describe('Draft only.'),
};
const offset = count.describe('Bytes stored without a gap from the start.');
const expires = z.string().optional().describe('tus: when the upload ends, as an HTTP date.');

const errorHeaders = z.object({
  ...told,
  'Tus-Version': tusVersion.optional(),
  'Upload-Limit': uploadLimit.optional(),
  'Upload-Offset': offset.optional(),
});

const files = {
  service: 'upload',
  tag: 'files',
  token: { kind: 'access', place: 'path', scope: 'upload' },
  errorHeaders,
  problem: { statuses: [400, 409], schema: fileProblemSchema },
} as const;
const ofFile = { ...files, path: '/u/{token}/files/{id}', params: z.strictObject({ token, id }) };

const at = (status: number, ...codes: ErrorCode[]): RouteError[] => codes.map((code) => ({ code, status }));

/** Clients of tus repeat what is answered with 409, so a verdict is 422 here. */
const hopeless = at(422, ...verdictCodes, 'CHECKSUM_MISMATCH');

/** A body that is not what it says it is: tus has a status of its own for it. */
const damaged = [...at(460, 'CHECKSUM_MISMATCH'), ...at(400, 'CHECKSUM_MISMATCH')];

/** Another version of tus. */
const otherVersion = at(412, 'INVALID_REQUEST');

/** An id is a name in an address: what was never given, is forged or is somebody else's is unknown, what has ended is gone. */
const ofUpload: RouteError[] = ['INVALID_REQUEST', 'NOT_FOUND', 'UPLOAD_GONE', ...otherVersion];

/** tus 1.0 and the IETF's resumable uploads, on the same paths: a request without `Tus-Resumable` that has a field of the draft is the draft's. */
export const fileRoutes: readonly Route[] = [
  {
    ...files,
    id: 'filesOptions',
    method: 'OPTIONS',
    path: '/u/{token}/files',
    summary: 'Tells what is spoken here.',
    description: 'On AWS the gateway answers OPTIONS itself when CORS is configured.',
    params: z.strictObject({ token }),
    answers: {
      204: {
        description: 'Versions, extensions and limits.',
        headers: z.object({
          ...noStore,
          'Tus-Resumable': tusVersion,
          'Tus-Version': tusVersion,
          'Tus-Extension': z.string(),
          'Tus-Max-Size': count.describe('Bytes.'),
          'Tus-Checksum-Algorithm': z.string(),
          'Upload-Limit': uploadLimit,
          'Accept-Patch': z.literal('application/partial-upload'),
        }),
      },
    },
    errors: [],
  },
  {
    ...files,
    id: 'createFile',
    method: 'POST',
    path: '/u/{token}/files',
    summary: 'Creates an upload, with or without its first bytes.',
    params: z.strictObject({ token }),
    headers: z.object({
      ...asked.tus,
      ...asked.length,
      'Upload-Metadata': z.string().optional().describe('tus: `filename`, `filetype` and `sha256`, values in Base64.'),
      ...asked.draft,
      ...asked.digests,
      'Content-Disposition': z.string().optional().describe('Draft: may name the file.'),
      'Repr-Digest': z.string().optional().describe('Draft: `sha-256=:…:` of the whole file (RFC 9530).'),
    }),
    body: { types: ['application/offset+octet-stream', 'image/*'], optional: true },
    answers: {
      201: {
        description: 'The upload is at `Location`. A body only when all of the file came with the request of a draft.',
        headers: z.object({
          ...told,
          Location: z.url(),
          'Upload-Offset': offset.optional(),
          'Upload-Expires': expires,
          'Upload-Limit': uploadLimit.optional(),
        }),
        schema: fileCompleteSchema,
        optional: true,
      },
    },
    errors: [
      'INVALID_REQUEST',
      'EMPTY_FILE',
      'TOO_MANY_BYTES',
      'UNSUPPORTED_FORMAT',
      ...otherVersion,
      ...damaged,
      ...hopeless,
    ],
  },
  {
    ...ofFile,
    id: 'fileOffset',
    method: 'HEAD',
    summary: 'Tells how much has arrived.',
    headers: z.object({ ...asked.tus, 'Upload-Draft-Interop-Version': asked.draft['Upload-Draft-Interop-Version'] }),
    answers: {
      200: {
        description: 'tus.',
        headers: z.object({
          ...noStore,
          'Tus-Resumable': tusVersion,
          'Upload-Offset': offset,
          'Upload-Length': count,
          'Upload-Metadata': z.string(),
          'Upload-Expires': expires,
        }),
      },
      204: {
        description: 'Draft.',
        headers: z.object({
          ...noStore,
          'Upload-Complete': flag,
          'Upload-Offset': offset,
          'Upload-Length': count,
          'Upload-Limit': uploadLimit,
        }),
      },
    },
    errors: ofUpload,
  },
  {
    ...ofFile,
    id: 'appendFile',
    method: 'PATCH',
    summary: 'Appends bytes at the offset. The last ones make the original.',
    description: 'Where PATCH cannot be sent, POST with `X-HTTP-Method-Override: PATCH` is the same.',
    headers: z.object({ ...asked.tus, 'Upload-Offset': count, ...asked.draft, ...asked.length, ...asked.digests }),
    body: { types: ['application/offset+octet-stream', 'application/partial-upload'] },
    answers: {
      200: {
        description: 'Draft: the original is stored.',
        headers: z.object({ ...noStore, 'Upload-Complete': z.literal('?1'), 'Upload-Offset': offset }),
        schema: fileCompleteSchema,
      },
      204: {
        description: 'Stored.',
        headers: z.object({ ...told, 'Upload-Offset': offset, 'Upload-Expires': expires }),
      },
    },
    errors: [
      ...ofUpload,
      'CONFLICT',
      'UPLOAD_INCOMPLETE',
      'TOO_MANY_BYTES',
      ...at(415, 'INVALID_REQUEST'),
      ...damaged,
      ...hopeless,
    ],
  },
  {
    ...ofFile,
    id: 'deleteFile',
    method: 'DELETE',
    summary: 'Gives the upload up and deletes what was sent.',
    headers: z.object({ ...asked.tus, 'Upload-Draft-Interop-Version': asked.draft['Upload-Draft-Interop-Version'] }),
    answers: {
      204: { description: 'It is gone.', headers: z.object({ ...noStore, 'Tus-Resumable': tusVersion.optional() }) },
    },
    errors: ofUpload,
  },
];
