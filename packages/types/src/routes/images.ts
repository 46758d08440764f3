import * as z from 'zod';
import {
  listImagesQuerySchema,
  listImagesResponseSchema,
  publicImageSchema,
  reviewRequestSchema,
  similarImagesQuerySchema,
  similarImagesResponseSchema,
} from '../api.ts';
import { imageIdSchema } from '../ids.ts';
import type { Route } from './model.ts';

const images = { service: 'metadata', tag: 'images' } as const;
const params = z.strictObject({ id: imageIdSchema.describe('Image id.') });

export const imageRoutes: readonly Route[] = [
  {
    ...images,
    id: 'listImages',
    method: 'GET',
    path: '/images',
    summary: 'Lists the images of the token, or those that are searched for, newest first.',
    description:
      "The tenant's images, or only one owner's when the token names an owner. A page may be short, even empty, while `next` is not null.",
    token: { kind: 'access', place: 'header', scope: 'read' },
    query: listImagesQuerySchema,
    answers: { 200: { description: 'A page of images.', schema: listImagesResponseSchema } },
    errors: ['INVALID_REQUEST'],
  },
  {
    ...images,
    id: 'getImage',
    method: 'GET',
    path: '/images/{id}',
    summary: 'Tells everything about one image.',
    token: { kind: 'access', place: 'header', scope: 'read' },
    params,
    answers: { 200: { description: 'The image.', schema: publicImageSchema } },
    errors: ['NOT_FOUND'],
  },
  {
    ...images,
    id: 'reviewImage',
    method: 'POST',
    path: '/images/{id}/review',
    summary: 'Decides about an image that moderation held back.',
    description:
      'Approved, it goes through development again, without moderation, within a minute or two. The same decision twice changes nothing more; another one is answered with 409, as is an image that nobody held back.',
    token: { kind: 'access', place: 'header', scope: 'review' },
    params,
    body: { types: ['application/json'], schema: reviewRequestSchema },
    answers: { 200: { description: 'The image after the decision.', schema: publicImageSchema } },
    errors: ['NOT_FOUND', 'CONFLICT'],
  },
  {
    ...images,
    id: 'similarImages',
    method: 'GET',
    path: '/images/{id}/similar',
    summary: 'Finds images that look like this one: copies in another size, quality or format.',
    description:
      'By perceptual hash, among the same images that the token may list. A page may be short, even empty, while `next` is not null.',
    token: { kind: 'access', place: 'header', scope: 'read' },
    params,
    query: similarImagesQuerySchema,
    answers: { 200: { description: 'A page of images.', schema: similarImagesResponseSchema } },
    errors: ['INVALID_REQUEST', 'NOT_FOUND'],
  },
  {
    ...images,
    id: 'deleteImage',
    method: 'DELETE',
    path: '/images/{id}',
    summary: 'Deletes an image: its original, its renditions, its record.',
    token: { kind: 'access', place: 'header', scope: 'delete' },
    params,
    answers: { 204: { description: 'It is deleted; its bytes follow within seconds.' } },
    errors: ['NOT_FOUND'],
  },
];
