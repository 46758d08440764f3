import { createAuthenticator } from '@darkroom/runtime/http';
import { createLogger } from '@darkroom/runtime/observability';
import { signToken } from '@darkroom/runtime/tokens';
import {
  errorBodySchema,
  listImagesResponseSchema,
  publicImageSchema,
  similarImagesResponseSchema,
} from '@darkroom/types/api';
import type { ImageRecord } from '@darkroom/types/image';
import type { AccessClaims, UploadClaims } from '@darkroom/types/tokens';
import {
  accessClaims,
  CDN,
  described,
  IMAGE_ID,
  inReview,
  metadata,
  NOW,
  processing,
  nthId,
  ready,
  SECRET,
  tombstone,
} from '../../../test/support/fixtures.ts';
import { memoryCatalogue, memoryIndex } from '../../../test/support/memory.ts';
import { type ApiDeps, createApp } from './app.ts';

const bearer = (claims: AccessClaims | UploadClaims, secret = SECRET) => ({
  authorization: `Bearer ${signToken(claims, secret)}`,
});
const logger = createLogger('test');
logger.setLogLevel('SILENT');

const appOf = (records: readonly ImageRecord[], changes: Partial<ApiDeps> = {}) =>
  createApp({
    logger,
    auth: createAuthenticator(
      () => Promise.resolve(SECRET),
      () => NOW,
    ),
    cdnUrl: CDN,
    getImage: (id) => Promise.resolve(records.find((record) => record.imageId === id)),
    writeReview: () => Promise.resolve(undefined),
    ...memoryCatalogue(records),
    ...memoryIndex(records),
    bury: () => Promise.resolve(undefined),
    emit: () => Promise.resolve(),
    now: () => NOW,
    ...changes,
  });

const call = async (
  app: ReturnType<typeof createApp>,
  path: string,
  init: { method?: string; headers?: Record<string, string>; body?: string } = {},
) => {
  const answer = await app.request(path, init);
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
};
const mine = { headers: bearer(accessClaims()) };
const notFound = { code: 'NOT_FOUND', requestId: 'local' };

describe('every route', () => {
  const uploadToken: UploadClaims = {
    typ: 'upload',
    tenant: 'acme',
    owner: null,
    imageId: IMAGE_ID,
    size: 1,
    contentType: 'image/png',
    filename: null,
    sha256: null,
    partSize: null,
    exp: NOW / 1000 + 60,
  };

  it.each([
    ['GET', '/images', 'delete'],
    ['GET', `/images/${IMAGE_ID}`, 'delete'],
    ['POST', `/images/${IMAGE_ID}/review`, 'read'],
    ['GET', `/images/${IMAGE_ID}/similar`, 'delete'],
    ['DELETE', `/images/${IMAGE_ID}`, 'read'],
  ] as const)('%s %s wants a token of its scope', async (method, path, otherScope) => {
    const codeOf = async (headers: Record<string, string>) =>
      errorBodySchema.parse((await call(appOf([ready()]), path, { method, headers })).body).code;

    await expect(codeOf({})).resolves.toBe('TOKEN_MISSING');
    await expect(codeOf({ authorization: 'Bearer a.b' })).resolves.toBe('TOKEN_INVALID');
    await expect(codeOf(bearer(accessClaims(), 'another-secret-of-at-least-32-bytes'))).resolves.toBe('TOKEN_INVALID');
    await expect(codeOf(bearer(uploadToken))).resolves.toBe('TOKEN_INVALID');
    await expect(codeOf(bearer(accessClaims({ exp: NOW / 1000 })))).resolves.toBe('TOKEN_EXPIRED');
    await expect(codeOf(bearer(accessClaims({ scopes: [otherScope] })))).resolves.toBe('FORBIDDEN');
  });
});

describe('GET /images/{id}', () => {
  it('shows an image to its owner and to its tenant', async () => {
    const app = appOf([ready()]);
    for (const owner of ['ada', null]) {
      const answer = await call(app, `/images/${IMAGE_ID}`, { headers: bearer(accessClaims({ owner })) });
      expect(answer.status).toBe(200);
      expect(publicImageSchema.parse(answer.body).imageId).toBe(IMAGE_ID);
    }
  });

  it.each([
    ['a missing image', []],
    ["another tenant's image", [ready({ tenant: 'other' })]],
    ["another owner's image", [ready({ owner: 'bob' })]],
    ['an image without an owner', [ready({ owner: null })]],
    ['a deleted image', [tombstone()]],
  ])('answers %s alike: 404', async (_, records) => {
    const answer = await call(appOf(records), `/images/${IMAGE_ID}`, mine);
    expect(answer).toMatchObject({ status: 404, body: notFound });
    expect(answer.body).toMatchObject({
      message: `expected the id of one of your images for the path but received "${IMAGE_ID}"`,
    });
  });

  it.each(['x', '..%2f..', `${IMAGE_ID}0`, '%00'])('knows no image %s, without asking the catalogue', async (id) => {
    const app = appOf([], { getImage: () => Promise.reject(new Error('asked')) });
    await expect(call(app, `/images/${id}`, mine)).resolves.toMatchObject({ status: 404, body: notFound });
  });

  it('answers a malformed record with 500 and no detail', async () => {
    const app = appOf([], { getImage: () => Promise.reject(new Error('status: wrong in arn:aws:dynamodb')) });
    const answer = await call(app, `/images/${IMAGE_ID}`, mine);
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('arn:aws');
  });
});

describe('GET /images', () => {
  const records = [1, 2, 3].map((n) => ready({ imageId: nthId(n) }));

  it('pages through all of them, newest first', async () => {
    const first = listImagesResponseSchema.parse((await call(appOf(records), '/images?limit=2', mine)).body);
    const second = listImagesResponseSchema.parse(
      (await call(appOf(records), `/images?limit=2&cursor=${first.next ?? ''}`, mine)).body,
    );
    expect([...first.images, ...second.images].map((image) => image.imageId)).toEqual([nthId(3), nthId(2), nthId(1)]);
    expect(second.next).toBeNull();
  });

  it("refuses the cursor of another tenant's or owner's list", async () => {
    const { next } = listImagesResponseSchema.parse((await call(appOf(records), '/images?limit=1', mine)).body);
    for (const claims of [accessClaims({ tenant: 'other' }), accessClaims({ owner: null })]) {
      const answer = await call(appOf(records), `/images?cursor=${next ?? ''}`, { headers: bearer(claims) });
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    }
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'limit=1.5',
    'cursor=x',
    'cursor=',
    'page=2',
    'tag=',
    'tag=%20',
    `tag=${'x'.repeat(65)}`,
    'camera=',
    'from=yesterday',
    'to=2026-13-01',
    'from=2026-11-23T20:40:00',
  ])('refuses ?%s', async (query) => {
    await expect(call(appOf(records), `/images?${query}`, mine)).resolves.toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
  });
});

describe('GET /images as a search', () => {
  const records = [1, 2, 3].map((n) => ready({ imageId: nthId(n), metadata: n === 2 ? metadata : described }));
  const idsFor = async (query: string) =>
    listImagesResponseSchema
      .parse((await call(appOf(records), `/images?${query}`, mine)).body)
      .images.map((image) => image.imageId);

  it('takes words and moments together', async () => {
    await expect(idsFor('tag=dog')).resolves.toEqual([nthId(3), nthId(1)]);
    await expect(idsFor('tag=dog&camera=canon+eos+70d')).resolves.toEqual([nthId(3), nthId(1)]);
    await expect(idsFor('camera=camera')).resolves.toEqual([nthId(2)]);
    await expect(idsFor('tag=dog&from=2025-01-01&to=2030-01-01T00:00:00%2B02:00')).resolves.toHaveLength(2);
    await expect(idsFor('tag=dog&to=2020-01-01')).resolves.toEqual([]);
  });
});

describe('GET /images/{id}/similar', () => {
  const withHash = (n: number, perceptualHash: string, changes: Partial<ImageRecord> = {}) =>
    ready({ imageId: nthId(n), metadata: { ...metadata, perceptualHash }, ...changes });
  const records = [withHash(1, '00000000000000ff'), withHash(2, '00000000000000fe'), withHash(3, 'ffffffffffffffff')];
  const similarTo = (n: number, query = '') => call(appOf(records), `/images/${nthId(n)}/similar${query}`, mine);

  it('shows what looks alike, with the distance', async () => {
    const { similar, next } = similarImagesResponseSchema.parse((await similarTo(1)).body);
    expect(similar).toMatchObject([{ distance: 1, image: { imageId: nthId(2) } }]);
    expect(next).toBeNull();
  });

  it("knows nothing of another owner's image, nor of ids that are none", async () => {
    const app = appOf([withHash(1, '00000000000000ff', { owner: 'bob' })]);
    for (const id of [nthId(1), nthId(9), 'x'])
      await expect(call(app, `/images/${id}/similar`, mine)).resolves.toMatchObject({ status: 404, body: notFound });
  });

  it.each(['?limit=0', '?cursor=x', '?tag=dog'])('refuses %s', async (query) => {
    await expect(similarTo(1, query)).resolves.toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });
});

describe('POST /images/{id}/review', () => {
  const path = `/images/${IMAGE_ID}/review`;
  const ask = (body: unknown) => ({
    method: 'POST',
    headers: { ...bearer(accessClaims({ scopes: ['review'], owner: null })), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  it('answers the image after the decision, with what moderation said', async () => {
    const review = { decision: 'approve', at: new Date(NOW).toISOString(), etag: 'e', attempt: 2 } as const;
    const { moderation } = inReview();
    const writeReview = () => Promise.resolve(processing({ attempt: 2, review, moderation }));

    const { status, body } = await call(appOf([inReview()], { writeReview }), path, ask({ decision: 'approve' }));

    expect(status).toBe(200);
    expect(publicImageSchema.parse(body)).toMatchObject({ status: 'PROCESSING', moderation });
  });

  it.each([[{}], [{ decision: 'perhaps' }], [{ decision: 'approve', imageId: IMAGE_ID }]])(
    'refuses %j',
    async (body) => {
      await expect(call(appOf([inReview()]), path, ask(body))).resolves.toMatchObject({
        status: 400,
        body: { code: 'INVALID_REQUEST' },
      });
    },
  );

  it('answers 409 for an image that nobody held back, and 404 for none', async () => {
    await expect(call(appOf([ready()]), path, ask({ decision: 'approve' }))).resolves.toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
    await expect(call(appOf([]), path, ask({ decision: 'approve' }))).resolves.toMatchObject({ status: 404 });
    await expect(call(appOf([]), '/images/x/review', ask({ decision: 'approve' }))).resolves.toMatchObject({
      status: 404,
    });
  });

  it('shows scores to a token that may review, and to no other', async () => {
    const get = async (scopes: AccessClaims['scopes']) =>
      publicImageSchema.parse(
        (await call(appOf([inReview()]), `/images/${IMAGE_ID}`, { headers: bearer(accessClaims({ scopes })) })).body,
      ).moderation;
    await expect(get(['read', 'review'])).resolves.toEqual(inReview().moderation);
    await expect(get(['read', 'upload', 'delete'])).resolves.toBeUndefined();
  });
});

describe('DELETE /images/{id}', () => {
  it('answers 204, and 204 again', async () => {
    const request = { method: 'DELETE', ...mine };
    await expect(call(appOf([ready()]), `/images/${IMAGE_ID}`, request)).resolves.toEqual({
      status: 204,
      body: undefined,
    });
    await expect(call(appOf([tombstone()]), `/images/${IMAGE_ID}`, request)).resolves.toEqual({
      status: 204,
      body: undefined,
    });
  });

  it("answers another tenant's image as a missing one", async () => {
    const request = { method: 'DELETE', ...mine };
    const foreign = await call(appOf([ready({ tenant: 'other' })]), `/images/${IMAGE_ID}`, request);
    const missing = await call(appOf([]), `/images/${IMAGE_ID}`, request);
    expect(foreign).toEqual(missing);
    expect(missing.status).toBe(404);
  });
});
