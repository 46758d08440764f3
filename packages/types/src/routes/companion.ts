import * as z from 'zod';
import {
  companionBatchSchema,
  companionCompleteSchema,
  companionErrorSchema,
  companionMultipartSchema,
  companionParamsSchema,
  companionPartsSchema,
  companionPartUrlSchema,
} from '../companion.ts';
import type { Route } from './model.ts';

/** The body of `POST /multipart`. Names that are not known are passed over, as by Companion. */
export const companionOpenRequestSchema = z.object({
  filename: z.string().min(1),
  /** May be empty when the browser knows none. */
  type: z.string(),
  /** Values that are no texts are stored as JSON writes them. */
  metadata: z.record(z.string(), z.unknown()).optional(),
});

/** The body of `POST /multipart/{uploadId}/complete`. ETags with or without quotes, parts in any order. */
export const companionCompleteRequestSchema = z.object({
  parts: z
    .array(z.object({ PartNumber: z.int().min(1).max(10_000), ETag: z.string().min(1) }))
    .min(1)
    .max(10_000),
});

/** `DELETE /multipart/{uploadId}`. */
export const companionAbortSchema = z.strictObject({});

const token = z.string().describe('Access token of scope `upload`.');
const uploadId = z.string().describe('`uploadId` of the answer that opened the upload.');
const partNumber = z.int().min(1).max(10_000);
const key = z.string().min(1).describe('`key` of the answer that opened the upload.');

const noStore = z.object({ 'Cache-Control': z.literal('no-store') });

const uppy = {
  service: 'upload',
  tag: 'uppy',
  token: { kind: 'access', place: 'path', scope: 'upload' },
  errorSchema: companionErrorSchema,
  errorHeaders: noStore,
} as const;

const answer = (description: string, schema: z.ZodType) => ({ 200: { description, schema, headers: noStore } });

/** An upload is named by its signed id and its key: an id that is no such token is refused like a token, a foreign one as unknown. */
const OF_UPLOAD = ['INVALID_REQUEST', 'NOT_FOUND', 'UPLOAD_GONE'] as const;

export const companionRoutes: readonly Route[] = [
  {
    ...uppy,
    id: 'companionParams',
    method: 'GET',
    path: '/u/{token}/s3/params',
    summary: 'Signs a form for one file.',
    description: 'Metadata travels as `metadata[name]=value`.',
    params: z.strictObject({ token }),
    query: z.object({
      filename: z.string().min(1),
      type: z.string().optional().describe('Media type; may be missing.'),
    }),
    answers: answer('A form to send with `file` as its last field.', companionParamsSchema),
    errors: ['INVALID_REQUEST', 'UNSUPPORTED_FORMAT'],
  },
  {
    ...uppy,
    id: 'companionSts',
    method: 'GET',
    path: '/u/{token}/s3/sts',
    summary: 'Refuses temporary credentials, as a Companion without STS does.',
    params: z.strictObject({ token }),
    answers: {},
    errors: ['INVALID_REQUEST'],
  },
  {
    ...uppy,
    id: 'companionOpen',
    method: 'POST',
    path: '/u/{token}/s3/multipart',
    summary: 'Opens a multipart upload.',
    params: z.strictObject({ token }),
    body: { types: ['application/json'], schema: companionOpenRequestSchema },
    answers: answer('The upload.', companionMultipartSchema),
    errors: ['UNSUPPORTED_FORMAT'],
  },
  {
    ...uppy,
    id: 'companionListParts',
    method: 'GET',
    path: '/u/{token}/s3/multipart/{uploadId}',
    summary: 'Lists all parts that storage holds.',
    params: z.strictObject({ token, uploadId }),
    query: z.object({ key }),
    answers: answer('Parts by number.', companionPartsSchema),
    errors: OF_UPLOAD,
  },
  {
    ...uppy,
    id: 'companionSignBatch',
    method: 'GET',
    path: '/u/{token}/s3/multipart/{uploadId}/batch',
    summary: 'Signs many parts.',
    params: z.strictObject({ token, uploadId }),
    query: z.object({ key, partNumbers: z.string().describe('Part numbers, joined by commas.') }),
    answers: answer('URLs by part number.', companionBatchSchema),
    errors: ['INVALID_REQUEST', 'NOT_FOUND'],
  },
  {
    ...uppy,
    id: 'companionSignPart',
    method: 'GET',
    path: '/u/{token}/s3/multipart/{uploadId}/{partNumber}',
    summary: 'Signs one part.',
    params: z.strictObject({ token, uploadId, partNumber }),
    query: z.object({ key }),
    answers: answer('The URL.', companionPartUrlSchema),
    errors: ['INVALID_REQUEST', 'NOT_FOUND'],
  },
  {
    ...uppy,
    id: 'companionComplete',
    method: 'POST',
    path: '/u/{token}/s3/multipart/{uploadId}/complete',
    summary: 'Joins the parts. Safe to repeat.',
    params: z.strictObject({ token, uploadId }),
    query: z.object({ key }),
    body: { types: ['application/json'], schema: companionCompleteRequestSchema },
    answers: answer('The original is stored.', companionCompleteSchema),
    errors: [...OF_UPLOAD, 'UPLOAD_INCOMPLETE'],
  },
  {
    ...uppy,
    id: 'companionAbort',
    method: 'DELETE',
    path: '/u/{token}/s3/multipart/{uploadId}',
    summary: 'Gives the upload up.',
    params: z.strictObject({ token, uploadId }),
    query: z.object({ key }),
    answers: answer('Nothing of it is left.', companionAbortSchema),
    errors: ['INVALID_REQUEST', 'NOT_FOUND'],
  },
];
