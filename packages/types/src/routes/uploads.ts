import * as z from 'zod';
import {
  completeChunksRequestSchema,
  completeUploadRequestSchema,
  completeUploadResponseSchema,
  createUploadRequestSchema,
  createUploadResponseSchema,
  listPartsResponseSchema,
  resignResponseSchema,
  signChunksRequestSchema,
  signChunksResponseSchema,
  signPartsRequestSchema,
  signPartsResponseSchema,
  uploadStatusSchema,
} from '../api.ts';
import { imageIdSchema } from '../ids.ts';
import type { Route, RouteBody } from './model.ts';
import { verdictCodes } from './verdicts.ts';

const json = (schema: z.ZodType): RouteBody => ({ types: ['application/json'], schema });

const upload = { service: 'upload', tag: 'uploads', token: { kind: 'upload' } } as const;
const ofUpload = { ...upload, params: z.strictObject({ id: imageIdSchema.describe('Image id of the upload.') }) };

/** `GET /health`. */
export const healthSchema = z.strictObject({ status: z.literal('ok'), service: z.string() });

/** `POST /uploads/{id}/complete`: in parts, or in chunks. */
export const completeRequestSchema = z.union([completeUploadRequestSchema, completeChunksRequestSchema]);

const verdicts = verdictCodes.map((code) => ({ code, status: 409 }));

export const uploadRoutes: readonly Route[] = [
  {
    id: 'health',
    service: 'upload',
    tag: 'health',
    method: 'GET',
    path: '/health',
    summary: 'Tells that the API answers.',
    token: { kind: 'none' },
    answers: { 200: { description: 'It does.', schema: healthSchema } },
    errors: [],
  },
  {
    id: 'createUpload',
    service: 'upload',
    tag: 'uploads',
    method: 'POST',
    path: '/uploads',
    summary: 'Announces a file and gets everything needed to send it.',
    description:
      'Signing only: no call leaves the function. Every upload can change its transport later without a new call here.',
    token: { kind: 'access', place: 'header', scope: 'upload' },
    body: json(createUploadRequestSchema),
    answers: { 201: { description: 'How to send the bytes.', schema: createUploadResponseSchema } },
    errors: ['EMPTY_FILE', 'UNSUPPORTED_FORMAT'],
  },
  {
    ...ofUpload,
    id: 'signUpload',
    method: 'POST',
    path: '/uploads/{id}/sign',
    summary: 'Signs fresh instructions for the same upload.',
    answers: { 200: { description: 'How to send the bytes.', schema: resignResponseSchema } },
    errors: [],
  },
  {
    ...ofUpload,
    id: 'listParts',
    method: 'GET',
    path: '/uploads/{id}/parts',
    summary: 'Lists the parts that storage holds.',
    query: z.strictObject({
      after: z
        .int()
        .min(0)
        .max(10_000)
        .default(0)
        .describe('Part number to continue after: `next` of the page before.'),
    }),
    answers: { 200: { description: 'A page of parts, by number.', schema: listPartsResponseSchema } },
    errors: ['INVALID_REQUEST', 'CONFLICT'],
  },
  {
    ...ofUpload,
    id: 'signParts',
    method: 'POST',
    path: '/uploads/{id}/parts',
    summary: 'Signs up to 100 parts.',
    body: json(signPartsRequestSchema),
    answers: { 200: { description: 'A URL a part.', schema: signPartsResponseSchema } },
    errors: ['CONFLICT'],
  },
  {
    ...ofUpload,
    id: 'signChunks',
    method: 'POST',
    path: '/uploads/{id}/chunks',
    summary: 'Signs up to 100 chunks, and judges the first 64 KiB as soon as they are in storage.',
    description:
      'A file that its first bytes show to be hopeless is answered with 409 and the code that its rejection would have; send no more of it.',
    body: json(signChunksRequestSchema),
    answers: { 200: { description: 'A URL a chunk, with the headers to send.', schema: signChunksResponseSchema } },
    errors: verdicts,
  },
  {
    ...ofUpload,
    id: 'getUpload',
    method: 'GET',
    path: '/uploads/{id}',
    summary: 'Tells what has arrived.',
    answers: { 200: { description: 'The chunks in storage.', schema: uploadStatusSchema } },
    errors: [],
  },
  {
    ...ofUpload,
    id: 'completeUpload',
    method: 'POST',
    path: '/uploads/{id}/complete',
    summary: 'Joins what was sent to the original. Safe to repeat.',
    description: 'For an upload in parts, their ETags; for one in chunks, an object that may be empty.',
    body: json(completeRequestSchema),
    answers: { 200: { description: 'The original is stored.', schema: completeUploadResponseSchema } },
    errors: ['CONFLICT', 'UPLOAD_INCOMPLETE', 'CHECKSUM_MISMATCH'],
  },
  {
    ...ofUpload,
    id: 'deleteUpload',
    method: 'DELETE',
    path: '/uploads/{id}',
    summary: 'Gives the upload up and deletes what was sent.',
    answers: { 204: { description: 'Nothing of it is left to complete.' } },
    errors: [],
  },
];
