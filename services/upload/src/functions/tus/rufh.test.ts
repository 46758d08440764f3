import { createHash } from 'node:crypto';
import { IMAGE_ID, NOW, policy } from '../../../test/support/fixtures.ts';
import { body, pictureOf, tusHarness, type TusHarness } from '../../../test/support/tus.ts';

// draft-ietf-httpbis-resumable-upload-11, interop version 8; § and sentence are beside each check.

const V8 = { 'upload-draft-interop-version': '8' };
const PARTIAL = 'application/partial-upload';
const LIMITS = `max-size=${policy.maxBytes}, max-append-size=${policy.maxPatchBytes}`;

const create = (
  tus: TusHarness,
  { headers = {}, bytes, method = 'POST' }: { headers?: Record<string, string>; bytes?: Uint8Array; method?: string },
) =>
  tus.send(method, '', {
    headers: { ...V8, 'content-type': 'image/png', ...headers },
    ...(bytes && { body: body(bytes) }),
  });

/** An upload of `size` bytes without any content yet ("careful upload creation", §12.2): its URL. */
const careful = async (tus: TusHarness, size: number, headers: Record<string, string> = {}): Promise<string> => {
  const answer = await create(tus, { headers: { 'upload-complete': '?0', 'upload-length': String(size), ...headers } });
  expect(answer.status).toBe(201);
  return answer.headers.get('location') ?? '';
};

const append = (
  tus: TusHarness,
  url: string,
  {
    offset,
    bytes,
    last = false,
    headers = {},
  }: { offset: number; bytes: Uint8Array; last?: boolean; headers?: Record<string, string> },
) =>
  tus.send('PATCH', url, {
    headers: {
      ...V8,
      'content-type': PARTIAL,
      'upload-offset': String(offset),
      'upload-complete': last ? '?1' : '?0',
      ...headers,
    },
    body: body(bytes),
  });

const head = (tus: TusHarness, url: string, method = 'HEAD') => tus.send(method, url, { headers: V8 });
const field = async (answer: Promise<Response> | Response, name: string) => (await answer).headers.get(name);

describe('§4.2 Upload Creation', () => {
  it.each(['POST', 'PUT'])(
    '"all request methods that allow content are possible": a whole file by %s',
    async (method) => {
      const tus = tusHarness();
      const file = pictureOf();
      const answer = await create(tus, { method, bytes: file, headers: { 'upload-complete': '?1' } });
      expect([answer.status, await field(answer, 'upload-complete')]).toEqual([201, '?1']);
      expect(await answer.json()).toEqual({ imageId: IMAGE_ID, etag: createHash('md5').update(file).digest('hex') });
      expect(tus.original((await field(answer, 'location')) ?? '')?.equals(file)).toBe(true);
      expect(tus.counted()).toBe(1);
    },
  );

  it('"the server MUST include the Location response header field [...] and MUST include the Upload-Limit response header field [...] RECOMMENDED to use the 201 (Created) status code"', async () => {
    const tus = tusHarness();
    const answer = await create(tus, {
      headers: { 'upload-complete': '?0', 'upload-length': '200000' },
      bytes: pictureOf(1000),
    });
    expect(answer.status).toBe(201);
    expect(await field(answer, 'location')).toMatch(/^http:\/\/api\.test\/u\/.+\/files\/.+$/);
    expect(await field(answer, 'upload-limit')).toBe(`${LIMITS}, max-age=${policy.uploadTokenSeconds}`);
    expect([await field(answer, 'upload-complete'), await field(answer, 'upload-offset')]).toEqual(['?0', '1000']);
    expect(await field(answer, 'tus-resumable')).toBeNull();
  });

  it('keeps name, type and digest: "The Content-Type header field indicates the media type", "Content-Disposition [...] to transmit a filename", §10.1 Repr-Digest', async () => {
    const tus = tusHarness();
    const digest = createHash('sha256').update('x').digest();
    const url = await careful(tus, 1000, {
      'content-type': 'image/jpeg; q=1',
      'content-disposition': `inline; filename="plain.jpg"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.jpg`,
      'repr-digest': `md5=:AAAA:, sha-256=:${digest.toString('base64')}:`,
    });
    expect(tus.claimsOf(url)).toMatchObject({
      contentType: 'image/jpeg',
      filename: 'Grüße.jpg',
      sha256: digest.toString('hex'),
      size: 1000,
    });
  });

  it.each([
    ['no length at the beginning', { 'upload-complete': '?0' }, 0, 400],
    ['§4.1.3 "their indicated lengths MUST match"', { 'upload-complete': '?1', 'upload-length': '999' }, 1000, 400],
    ['more content than the length', { 'upload-complete': '?0', 'upload-length': '999' }, 1000, 400],
    ['an empty file', { 'upload-complete': '?1' }, 0, 400],
    ['§4.1.2 "Other values MUST cause the entire header field to be ignored"', { 'upload-complete': 'yes' }, 1000, 400],
    ['§4.1.3 the same of Upload-Length', { 'upload-complete': '?0', 'upload-length': '-1' }, 0, 400],
    ['a file above max-size', { 'upload-complete': '?0', 'upload-length': String(policy.maxBytes + 1) }, 0, 413],
    ['content above max-append-size', { 'upload-complete': '?1' }, policy.maxPatchBytes + 1, 413],
    [
      'a type that is no picture',
      { 'upload-complete': '?0', 'upload-length': '9', 'content-type': 'video/mp4' },
      0,
      415,
    ],
    ['another interop version', { 'upload-complete': '?1', 'upload-draft-interop-version': '6' }, 1000, 400],
  ])('refuses %s', async (_name, headers, size, status) => {
    const tus = tusHarness();
    const answer = await create(tus, {
      headers,
      bytes: pictureOf(Math.max(size, 45)).subarray(0, size),
    });
    expect([answer.status, tus.staged(), tus.counted()]).toEqual([status, [], 0]);
    expect(await answer.json()).toMatchObject({
      code: expect.any(String) as string,
      message: expect.any(String) as string,
      requestId: 'local',
    });
  });

  it('§4.1.4 "responding with a 413 [...] SHOULD include the Upload-Limit header field"', async () => {
    const answer = await create(tusHarness(), {
      headers: { 'upload-complete': '?1' },
      bytes: Buffer.alloc(policy.maxPatchBytes + 1),
    });
    expect(await field(answer, 'upload-limit')).toBe(LIMITS);
  });

  it('§7.3 says inconsistent lengths as a problem', async () => {
    const answer = await create(tusHarness(), {
      headers: { 'upload-complete': '?1', 'upload-length': '999' },
      bytes: pictureOf(1000),
    });
    expect(await field(answer, 'content-type')).toBe('application/problem+json');
    expect(await field(answer, 'upload-complete')).toBe('?0');
    expect(await answer.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#inconsistent-upload-length',
      title: 'inconsistent length values for upload',
      code: 'INVALID_REQUEST',
    });
  });

  it('is known by Upload-Complete alone, as the final RFC will be', async () => {
    const file = pictureOf(1000);
    const answer = await tusHarness().send('POST', '', { headers: { 'upload-complete': '?1' }, body: body(file) });
    expect(answer.status).toBe(201);
  });

  it('§4.1.4 "the server MUST include the Upload-Limit header field" in OPTIONS, and Accept-Patch', async () => {
    const answer = await tusHarness().send('OPTIONS', '', { headers: V8 });
    expect([answer.status, await field(answer, 'upload-limit'), await field(answer, 'accept-patch')]).toEqual([
      204,
      LIMITS,
      PARTIAL,
    ]);
  });
});

describe('§4.3 Offset Retrieval', () => {
  it.each(['HEAD', 'GET'])(
    '%s "MUST include the offset [...] the completeness state [...] the length [...] the limits", no-store',
    async (method) => {
      const tus = tusHarness();
      const url = await careful(tus, 200_000);
      await append(tus, url, { offset: 0, bytes: Buffer.alloc(1234) });
      tus.now.milliseconds = NOW + 60_000;
      const answer = await head(tus, url, method);
      expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([
        204,
        {
          'cache-control': 'no-store',
          'upload-complete': '?0',
          'upload-length': '200000',
          'upload-limit': `${LIMITS}, max-age=${policy.uploadTokenSeconds - 60}`,
          'upload-offset': '1234',
        },
      ]);
    },
  );

  it('tells a complete upload', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await careful(tus, file.length);
    await append(tus, url, { offset: 0, bytes: file, last: true });
    const answer = await head(tus, url);
    expect([await field(answer, 'upload-complete'), await field(answer, 'upload-offset')]).toEqual([
      '?1',
      String(file.length),
    ]);
  });
});

describe('§4.4 Upload Append', () => {
  it('"acknowledges the appended data by sending a 2xx response with the Upload-Complete header field set to false", then true with the last', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await careful(tus, file.length);
    const first = await append(tus, url, { offset: 0, bytes: file.subarray(0, 100_000) });
    expect([first.status, await field(first, 'upload-complete')]).toEqual([204, '?0']);
    const last = await append(tus, url, { offset: 100_000, bytes: file.subarray(100_000), last: true });
    expect([last.status, await field(last, 'upload-complete')]).toEqual([200, '?1']);
    expect(await last.json()).toMatchObject({ imageId: IMAGE_ID });
    expect(tus.original(url)?.equals(file)).toBe(true);
  });

  it('§4.1.3 "The offset could match the length, but the upload can still be incomplete": an empty append completes it', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await careful(tus, file.length);
    await append(tus, url, { offset: 0, bytes: file });
    const between = await head(tus, url);
    expect([await field(between, 'upload-complete'), await field(between, 'upload-offset')]).toEqual([
      '?0',
      String(file.length),
    ]);
    expect(tus.original(url)).toBeUndefined();
    const last = await append(tus, url, { offset: file.length, bytes: Buffer.alloc(0), last: true });
    expect(last.status).toBe(200);
    expect(tus.original(url)?.equals(file)).toBe(true);
  });

  it('"MUST reject the request with a 409 (Conflict) status code. The response MUST include the correct offset" (§7.1 as a problem)', async () => {
    const tus = tusHarness();
    const url = await careful(tus, 200_000);
    await append(tus, url, { offset: 0, bytes: Buffer.alloc(500) });
    const answer = await append(tus, url, { offset: 400, bytes: Buffer.alloc(1) });
    expect([answer.status, await field(answer, 'upload-offset'), await field(answer, 'upload-complete')]).toEqual([
      409,
      '500',
      '?0',
    ]);
    expect(await field(answer, 'content-type')).toBe('application/problem+json');
    expect(await answer.json()).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#mismatching-upload-offset',
      title: 'offset from request does not match offset of resource',
      'expected-offset': 500,
      'provided-offset': 400,
      code: 'CONFLICT',
      message: 'expected 500 for Upload-Offset but received 400',
      requestId: 'local',
    });
    expect(tus.staged()).toEqual(['0']);
  });

  it.each([
    ['another type', { 'content-type': 'image/png' }, 415],
    ['no offset', { 'upload-offset': 'x' }, 400],
    ['no Upload-Complete', { 'upload-complete': 'true' }, 400],
    ['another length than the announced', { 'upload-length': '200001' }, 400],
    ['an end before the announced length', { 'upload-complete': '?1' }, 400],
    [
      '§10.2 content that is not what its digest says',
      { 'content-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` },
      400,
    ],
  ])('refuses %s and keeps the upload as it was', async (_name, headers, status) => {
    const tus = tusHarness();
    const url = await careful(tus, 200_000);
    const answer = await append(tus, url, {
      offset: 0,
      bytes: pictureOf(1000),
      headers,
    });
    expect([answer.status, tus.staged()]).toEqual([status, []]);
    expect((await head(tus, url)).status).toBe(204);
  });

  it('§10.2 takes content whose digest is right', async () => {
    const tus = tusHarness();
    const bytes = pictureOf(1000);
    const digest = createHash('sha256').update(bytes).digest('base64');
    const answer = await append(tus, await careful(tus, 200_000), {
      offset: 0,
      bytes,
      headers: { 'content-digest': `sha-256=:${digest}:` },
    });
    expect(answer.status).toBe(204);
  });

  it('"rejecting the request once the offset exceeds the length, marking the upload resource invalid and rejecting any further interaction with it"', async () => {
    const tus = tusHarness();
    const url = await careful(tus, 1000);
    expect((await append(tus, url, { offset: 0, bytes: pictureOf(1001) })).status).toBe(400);
    expect((await head(tus, url)).status).toBe(410);
  });

  it('of a complete upload: no byte more ("the server MUST treat this as an inconsistent length failure"), but the lost answer again', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await careful(tus, file.length);
    await append(tus, url, { offset: 0, bytes: file, last: true });
    expect((await append(tus, url, { offset: file.length, bytes: Buffer.alloc(1), last: true })).status).toBe(400);
    for (const last of [true, false]) {
      const again = await append(tus, url, { offset: file.length, bytes: Buffer.alloc(0), last });
      expect([again.status, await field(again, 'upload-complete')]).toEqual([200, '?1']);
    }
    expect(tus.original(url)?.equals(file)).toBe(true);
  });

  it('"4xx [with Upload-Complete: ?1] indicate [...] an error occurred while processing it": bytes without hope', async () => {
    const tus = tusHarness();
    const url = await careful(tus, 200_000);
    const answer = await append(tus, url, { offset: 0, bytes: Buffer.alloc(70_000, 'x') });
    expect([answer.status, await field(answer, 'upload-complete')]).toEqual([422, '?1']);
    expect(await answer.json()).toMatchObject({ code: 'UNSUPPORTED_FORMAT' });
    expect((await head(tus, url)).status).toBe(410);
  });

  it('§4.6 "the server MUST take measures to prevent race conditions, data loss and corruption from concurrent requests"', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await careful(tus, file.length);
    const answers = await Promise.all(
      [90_000, 200_000].map((size) => append(tus, url, { offset: 0, bytes: file.subarray(0, size) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    const offset = Number(await field(head(tus, url), 'upload-offset'));
    expect((await append(tus, url, { offset, bytes: file.subarray(offset), last: true })).status).toBe(200);
    expect(tus.original(url)?.equals(file)).toBe(true);
  });
});

describe('§4.5 Upload Cancellation', () => {
  it('"Upon receiving a DELETE request, the server SHOULD deactivate the upload resource": 204, then 410', async () => {
    const tus = tusHarness();
    const url = await careful(tus, 200_000);
    await append(tus, url, { offset: 0, bytes: Buffer.alloc(10) });
    expect((await head(tus, url, 'DELETE')).status).toBe(204);
    expect((await head(tus, url)).status).toBe(410);
    expect((await append(tus, url, { offset: 10, bytes: Buffer.alloc(10) })).status).toBe(410);
  });
});

it('an upload begun by one protocol goes on by the other', async () => {
  const tus = tusHarness();
  const file = pictureOf();
  const url = await careful(tus, file.length);
  await append(tus, url, { offset: 0, bytes: file.subarray(0, 100_000) });
  const answer = await tus.send('PATCH', url, {
    headers: { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream', 'upload-offset': '100000' },
    body: body(file.subarray(100_000)),
  });
  expect(answer.status).toBe(204);
  expect(tus.original(url)?.equals(file)).toBe(true);
});
