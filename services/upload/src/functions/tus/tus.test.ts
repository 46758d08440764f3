import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { ErrorBody } from '@darkroom/types/api';
import { body, metadataHeader, MEBIBYTE, pictureOf, tusHarness, type TusHarness } from '../../../test/support/tus.ts';
import { IMAGE_ID, policy } from '../../../test/support/fixtures.ts';

// Each test names the sentence of https://tus.io/protocols/resumable-upload (1.0.0) that it holds the API to.

const TUS = { 'tus-resumable': '1.0.0' };
const STREAM = 'application/offset+octet-stream';
const JPEG = metadataHeader({ filename: 'a.jpg', filetype: 'image/jpeg' });

const create = async (tus: TusHarness, size: number, headers: Record<string, string> = {}): Promise<string> => {
  const answer = await tus.send('POST', '', {
    headers: { ...TUS, 'upload-length': String(size), 'upload-metadata': JPEG, ...headers },
  });
  expect(answer.status).toBe(201);
  return answer.headers.get('location') ?? '';
};

const patch = (
  tus: TusHarness,
  url: string,
  { offset, bytes, headers = {} }: { offset: number; bytes: Uint8Array; headers?: Record<string, string> },
) =>
  tus.send('PATCH', url, {
    headers: { ...TUS, 'content-type': STREAM, 'upload-offset': String(offset), ...headers },
    body: body(bytes),
  });

const head = (tus: TusHarness, url: string) => tus.send('HEAD', url, { headers: TUS });
const offsetOf = async (tus: TusHarness, url: string) => (await head(tus, url)).headers.get('upload-offset');
const errorOf = async (answer: Response) => (await answer.json()) as ErrorBody;

/** Sends a file from an offset on in requests of `step` bytes; answers the last answer. */
const sendAll = async (
  tus: TusHarness,
  url: string,
  { file, step, from = 0 }: { file: Buffer; step: number; from?: number },
) => {
  let answer: Response | undefined;
  for (let offset = from; offset < file.length; offset += step)
    answer = await patch(tus, url, { offset, bytes: file.subarray(offset, offset + step) });
  return answer;
};

describe('Core protocol', () => {
  it('HEAD: "The Server MUST always include the Upload-Offset header in the response for a HEAD request, even if the offset is 0"', async () => {
    const tus = tusHarness();
    const answer = await head(tus, await create(tus, 1000));
    expect([answer.status, answer.headers.get('upload-offset')]).toEqual([200, '0']);
  });

  it('HEAD: "If the size of the upload is known, the Server MUST include the Upload-Length header in the response"', async () => {
    const tus = tusHarness();
    const answer = await head(tus, await create(tus, 1000));
    expect(answer.headers.get('upload-length')).toBe('1000');
  });

  it('HEAD: "The Server MUST prevent the client and/or proxies from caching the response by adding the Cache-Control: no-store header"', async () => {
    const tus = tusHarness();
    const answer = await head(tus, await create(tus, 1000));
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('HEAD: "If the resource is not found, the Server SHOULD return either the 404 Not Found, 410 Gone or 403 Forbidden status without the Upload-Offset header"', async () => {
    const answer = await head(tusHarness(), '/unknown');
    expect([answer.status, answer.headers.get('upload-offset')]).toEqual([404, null]);
  });

  it('PATCH: "The Server SHOULD accept PATCH requests against any upload URL and apply the bytes contained in the message at the given offset"', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await create(tus, file.length);
    const answer = await sendAll(tus, url, { file, step: 65_536 });
    expect([answer?.status, answer?.headers.get('upload-offset')]).toEqual([204, String(file.length)]);
    expect(tus.original(url)?.equals(file)).toBe(true);
    expect(tus.staged()).toEqual([]);
  });

  it('PATCH: "All PATCH requests MUST use Content-Type: application/offset+octet-stream, otherwise the server SHOULD return a 415 Unsupported Media Type status"', async () => {
    const tus = tusHarness();
    const url = await create(tus, 10);
    const answer = await patch(tus, url, {
      offset: 0,
      bytes: Buffer.alloc(5),
      headers: { 'content-type': 'image/jpeg' },
    });
    expect(answer.status).toBe(415);
    expect(await errorOf(answer)).toMatchObject({ code: 'INVALID_REQUEST', requestId: expect.any(String) as string });
  });

  it('PATCH: "The Upload-Offset header\'s value MUST be equal to the current offset of the resource" and "If the offsets do not match, the Server MUST respond with the 409 Conflict status without modifying the upload resource"', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    await patch(tus, url, { offset: 0, bytes: Buffer.alloc(1000) });
    for (const offset of [0, 999, 1001, 199_999])
      expect((await patch(tus, url, { offset, bytes: Buffer.alloc(1) })).status).toBe(409);
    expect(await offsetOf(tus, url)).toBe('1000');
    expect(tus.staged()).toEqual(['0']);
  });

  it('PATCH: "It MUST include the Upload-Offset header containing the new offset"', async () => {
    const tus = tusHarness();
    const answer = await patch(tus, await create(tus, 200_000), { offset: 0, bytes: Buffer.alloc(123) });
    expect(answer.headers.get('upload-offset')).toBe('123');
  });

  it('PATCH: a body of no bytes changes nothing', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    const answer = await patch(tus, url, { offset: 0, bytes: Buffer.alloc(0) });
    expect([answer.status, answer.headers.get('upload-offset'), tus.staged()]).toEqual([204, '0', []]);
  });

  it('PATCH: bytes behind the announced end are refused', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    const answer = await patch(tus, url, { offset: 0, bytes: Buffer.alloc(200_001) });
    expect(answer.status).toBe(413);
    expect((await errorOf(answer)).code).toBe('TOO_MANY_BYTES');
    expect(tus.staged()).toEqual([]);
  });

  it('PATCH: a body that API Gateway and Lambda would not carry is refused with what to set', async () => {
    const tus = tusHarness();
    const url = await create(tus, 9 * MEBIBYTE);
    const answer = await patch(tus, url, { offset: 0, bytes: Buffer.alloc(policy.maxPatchBytes + 1) });
    expect(answer.status).toBe(413);
    expect((await errorOf(answer)).message).toContain("set the client's chunkSize to 4194304 or less");
  });

  it('PATCH: "an Upload-Offset [...] MUST be a non-negative integer"', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    for (const offset of ['-1', '1.5', 'x', '']) {
      const answer = await patch(tus, url, { offset: 0, bytes: Buffer.alloc(1), headers: { 'upload-offset': offset } });
      expect([answer.status, (await errorOf(answer)).code]).toEqual([400, 'INVALID_REQUEST']);
    }
  });

  it('OPTIONS: "A successful response indicated by the 204 No Content or 200 OK status MUST contain the Tus-Version header. It MAY include the Tus-Extension and Tus-Max-Size headers"', async () => {
    const { status, headers } = await tusHarness().send('OPTIONS', '');
    expect(status).toBe(204);
    expect(Object.fromEntries(headers)).toMatchObject({
      'tus-version': '1.0.0',
      'tus-extension': 'creation,creation-with-upload,termination,expiration,checksum',
      'tus-max-size': String(policy.maxBytes),
      'tus-checksum-algorithm': 'sha1,sha256,sha512,md5',
      'upload-limit': `max-size=${policy.maxBytes}, max-append-size=${policy.maxPatchBytes}`,
    });
  });

  it('leaves CORS to the gateway', async () => {
    const { headers } = await tusHarness().send('OPTIONS', '');
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('Tus-Resumable: "MUST be included in every request and response except for OPTIONS requests"', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    for (const answer of [
      await head(tus, url),
      await head(tus, '/unknown'),
      await tus.send('POST', '', { headers: TUS }),
    ])
      expect(answer.headers.get('tus-resumable')).toBe('1.0.0');
  });

  it('Tus-Resumable: "If the version specified by the Client is not supported by the Server, it MUST respond with the 412 Precondition Failed status and MUST include the Tus-Version header"', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    for (const headers of [{ 'tus-resumable': '0.2.2' }, {}])
      for (const method of ['HEAD', 'PATCH', 'DELETE'] as const) {
        const answer = await tus.send(method, url, { headers });
        expect([answer.status, answer.headers.get('tus-version')]).toEqual([412, '1.0.0']);
      }
  });

  it('X-HTTP-Method-Override: "MUST be interpreted as the request\'s method by the Server, if the header is presented. The actual method of the request MUST be ignored"', async () => {
    const tus = tusHarness();
    const file = pictureOf(1000);
    const url = await create(tus, file.length);
    const answer = await tus.send('POST', url, {
      headers: { ...TUS, 'content-type': STREAM, 'upload-offset': '0', 'x-http-method-override': 'PATCH' },
      body: body(file),
    });
    expect(answer.status).toBe(204);
    expect(tus.original(url)?.equals(file)).toBe(true);
  });

  it('answers other methods with 405', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    expect((await tus.send('GET', url, { headers: TUS })).status).toBe(405);
    expect((await tus.send('PUT', '', { headers: TUS })).status).toBe(405);
  });
});

describe('Creation', () => {
  it('"The Server MUST acknowledge a successful upload creation with the 201 Created status. The Server MUST set the Location header to the URL of the created resource"', async () => {
    const tus = tusHarness();
    const answer = await tus.send('POST', '', {
      headers: { ...TUS, 'upload-length': '1000', 'upload-metadata': JPEG },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(/^http:\/\/api\.test\/u\/[\w-]+\.[\w-]+\/files\/[\w-]+\.[\w-]+$/);
    expect(tus.counted()).toBe(1);
    expect(tus.staged()).toEqual([]);
  });

  it.each([
    [{ 'x-forwarded-proto': 'https' }, 'https://api.test/u/'],
    [{ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'photos.example' }, 'https://photos.example/u/'],
    [
      { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'photos.example:8443, inner' },
      'https://photos.example:8443/u/',
    ],
    [{ 'x-forwarded-host': 'a b"<' }, 'http://api.test/u/'],
    [{ host: '' }, '/u/'],
  ])('Location is what the client can reach: %j', async (headers, start) => {
    const location = await create(tusHarness(), 1000, headers);
    expect(location.startsWith(start)).toBe(true);
  });

  it('keeps name, type and digest of the file, and whose it is', async () => {
    const tus = tusHarness();
    const sha256 = 'AB'.repeat(32);
    const url = await create(tus, 1000, {
      'upload-metadata': metadataHeader({
        filename: 'Grüße 夏.jpg',
        filetype: 'image/jpg',
        sha256,
        relativePath: 'null',
      }),
    });
    expect(tus.claimsOf(url)).toMatchObject({
      tenant: 'acme',
      owner: 'ada',
      imageId: IMAGE_ID,
      size: 1000,
      filename: 'Grüße 夏.jpg',
      contentType: 'image/jpeg',
      sha256: sha256.toLowerCase(),
      partSize: null,
    });
  });

  it('takes a file whose type nobody knows: the bytes decide', async () => {
    const tus = tusHarness();
    const url = await create(tus, 1000, { 'upload-metadata': metadataHeader({ filename: 'a' }) });
    expect(tus.claimsOf(url).contentType).toBe('application/octet-stream');
  });

  it('"responses to HEAD requests MUST include the Upload-Metadata header and its value as specified by the Client during the creation"', async () => {
    const tus = tusHarness();
    const given = `${metadataHeader({ filename: 'Grüße.jpg', type: 'image/jpeg', caption: 'an der See' })},is_private`;
    const url = await create(tus, 1000, { 'upload-metadata': given });
    expect((await head(tus, url)).headers.get('upload-metadata')).toBe(given);
  });

  it('answers name and type alone of metadata that would not fit a URL', async () => {
    const tus = tusHarness();
    const url = await create(tus, 1000, { 'upload-metadata': `${JPEG},${metadataHeader({ note: 'x'.repeat(2000) })}` });
    expect((await head(tus, url)).headers.get('upload-metadata')).toBe(JPEG);
    expect(url.length).toBeLessThan(1500);
  });

  it.each([
    ['no length', {}, 400, 'INVALID_REQUEST'],
    ['a length to be told later', { 'upload-defer-length': '1' }, 400, 'INVALID_REQUEST'],
    ['a length that is no number', { 'upload-length': 'ten' }, 400, 'INVALID_REQUEST'],
    ['an empty file', { 'upload-length': '0' }, 400, 'EMPTY_FILE'],
    ['a file above Tus-Max-Size', { 'upload-length': String(policy.maxBytes + 1) }, 413, 'TOO_MANY_BYTES'],
    [
      'a film',
      { 'upload-length': '9', 'upload-metadata': metadataHeader({ type: 'video/mp4' }) },
      415,
      'UNSUPPORTED_FORMAT',
    ],
    [
      'TIFF',
      { 'upload-length': '9', 'upload-metadata': metadataHeader({ type: 'image/tiff' }) },
      415,
      'UNSUPPORTED_FORMAT',
    ],
    ['malformed metadata', { 'upload-length': '9', 'upload-metadata': 'filename *' }, 400, 'INVALID_REQUEST'],
    [
      'a malformed digest',
      { 'upload-length': '9', 'upload-metadata': metadataHeader({ sha256: 'abc' }) },
      400,
      'INVALID_REQUEST',
    ],
    ['a part of a concatenation', { 'upload-length': '9', 'upload-concat': 'partial' }, 400, 'INVALID_REQUEST'],
  ])('refuses %s', async (_name, headers, status, code) => {
    const tus = tusHarness();
    const answer = await tus.send('POST', '', {
      headers: { ...TUS, ...(headers as unknown as Record<string, string>) },
    });
    expect([answer.status, (await errorOf(answer)).code, tus.counted()]).toEqual([status, code, 0]);
  });
});

describe('Creation With Upload', () => {
  it('"The Server MUST include the Upload-Offset header in the response. Its value MUST be the offset of the upload after applying the accepted bytes"', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const answer = await tus.send('POST', '', {
      headers: { ...TUS, 'upload-length': String(file.length), 'upload-metadata': JPEG, 'content-type': STREAM },
      body: body(file.subarray(0, 70_000)),
    });
    const url = answer.headers.get('location') ?? '';
    expect([answer.status, answer.headers.get('upload-offset'), await offsetOf(tus, url)]).toEqual([
      201,
      '70000',
      '70000',
    ]);
    await sendAll(tus, url, { file, step: 100_000, from: 70_000 });
    expect(tus.original(url)?.equals(file)).toBe(true);
  });

  it('takes a whole file in one request', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const answer = await tus.send('POST', '', {
      headers: { ...TUS, 'upload-length': String(file.length), 'content-type': STREAM },
      body: body(file),
    });
    expect([answer.status, answer.headers.get('upload-offset')]).toEqual([201, String(file.length)]);
    expect(tus.original(answer.headers.get('location') ?? '')?.equals(file)).toBe(true);
  });
});

describe('Expiration', () => {
  it('"Upload-Expires [...] MUST be in RFC 9110 datetime format" and is the end of the token', async () => {
    const tus = tusHarness();
    const answer = await tus.send('POST', '', { headers: { ...TUS, 'upload-length': '200000' } });
    const url = answer.headers.get('location') ?? '';
    const end = new Date(tus.claimsOf(url).exp * 1000).toUTCString();
    expect(answer.headers.get('upload-expires')).toBe(end);
    const patched = await patch(tus, url, { offset: 0, bytes: Buffer.alloc(1) });
    expect(patched.headers.get('upload-expires')).toBe(end);
  });
});

describe('Checksum', () => {
  const checksum = (algorithm: string, bytes: Uint8Array) =>
    `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`;

  it.each(['sha1', 'sha256', 'sha512', 'md5'])(
    '"verify the received bytes against the checksum": %s',
    async (algorithm) => {
      const tus = tusHarness();
      const bytes = pictureOf(1000);
      const url = await create(tus, bytes.length);
      const headers = { 'upload-checksum': checksum(algorithm, bytes) };
      expect((await patch(tus, url, { offset: 0, bytes, headers })).status).toBe(204);
    },
  );

  it('"460 Checksum Mismatch if the checksums do not match. In this case the received chunk MUST be discarded and the upload\'s offset MUST NOT be updated"', async () => {
    const tus = tusHarness();
    const bytes = pictureOf(1000);
    const url = await create(tus, bytes.length);
    const headers = { 'upload-checksum': checksum('sha1', Buffer.from('others')) };
    const answer = await patch(tus, url, { offset: 0, bytes, headers });
    expect([answer.status, (await errorOf(answer)).code]).toEqual([460, 'CHECKSUM_MISMATCH']);
    expect([tus.staged(), await offsetOf(tus, url)]).toEqual([[], '0']);
  });

  it.each(['crc32 AAAA', 'sha1', 'sha1 a b', 'constructor AAAA'])(
    '"400 Bad Request if the checksum algorithm is not supported": %s',
    async (value) => {
      const tus = tusHarness();
      const url = await create(tus, 1000);
      const answer = await patch(tus, url, {
        offset: 0,
        bytes: pictureOf(1000),
        headers: { 'upload-checksum': value },
      });
      expect([answer.status, tus.staged()]).toEqual([400, []]);
    },
  );
});

describe('Termination', () => {
  it('"the Server SHOULD free associated resources and MUST respond with the 204 No Content status [...] For all future requests to this URL, the Server SHOULD respond with the 404 Not Found or 410 Gone status"', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    await patch(tus, url, { offset: 0, bytes: pictureOf(1000) });
    expect((await tus.send('DELETE', url, { headers: TUS })).status).toBe(204);
    expect(tus.staged()).toEqual(['200000']); // The mark alone.
    expect((await head(tus, url)).status).toBe(410);
    const answer = await patch(tus, url, { offset: 1000, bytes: Buffer.alloc(1) });
    expect([answer.status, (await errorOf(answer)).code]).toEqual([410, 'UPLOAD_GONE']);
    expect((await tus.send('DELETE', url, { headers: TUS })).status).toBe(410);
  });

  it('leaves an image alone that is complete', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await create(tus, file.length);
    await sendAll(tus, url, { file, step: file.length });
    expect((await tus.send('DELETE', url, { headers: TUS })).status).toBe(400);
    expect(tus.original(url)?.equals(file)).toBe(true);
  });
});

describe('the first look at the bytes', () => {
  const films = Buffer.alloc(200_000, 'not a picture ');

  it.each([
    ['in one request', 200_000],
    ['as soon as 64 KiB are there, piece by piece', 20_000],
  ])('refuses a file without hope %s, drops it and says 410 from then on', async (_name, step) => {
    const tus = tusHarness();
    const url = await create(tus, films.length);
    const statuses: number[] = [];
    let last: Response | undefined;
    for (let offset = 0; offset < films.length && (last?.status ?? 204) === 204; offset += step) {
      last = await patch(tus, url, { offset, bytes: films.subarray(offset, offset + step) });
      statuses.push(last.status);
    }
    expect(statuses).toEqual([...Array<number>(Math.ceil(65_536 / step) - 1).fill(204), 422]);
    expect(last && (await errorOf(last))).toMatchObject({ code: 'UNSUPPORTED_FORMAT', requestId: 'local' });
    expect(tus.staged()).toEqual(['200000']);
    expect((await head(tus, url)).status).toBe(410);
  });

  it('refuses a whole small file', async () => {
    const tus = tusHarness();
    const url = await create(tus, 20);
    const answer = await patch(tus, url, { offset: 0, bytes: films.subarray(0, 20) });
    expect([answer.status, (await errorOf(answer)).code]).toEqual([422, 'UNSUPPORTED_FORMAT']);
  });

  it('refuses a creation with such bytes', async () => {
    const answer = await tusHarness().send('POST', '', {
      headers: { ...TUS, 'upload-length': '200000', 'content-type': STREAM },
      body: body(films),
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([422, null]);
  });

  it('lets pieces of a few hundred bytes pass: the pipeline looks at everything', async () => {
    const tus = tusHarness();
    const url = await create(tus, films.length);
    const answer = await sendAll(tus, url, { file: films.subarray(0, 66_000), step: 900 });
    expect(answer?.status).toBe(204);
  });
});

describe('interruptions', () => {
  it('any cut into requests gives the same file', async () => {
    const file = pictureOf(150_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 20 }),
        async (sizes) => {
          const tus = tusHarness();
          const url = await create(tus, file.length);
          let offset = 0;
          for (let n = 0; offset < file.length; n += 1) {
            const bytes = file.subarray(offset, offset + (sizes[n % sizes.length] ?? 1) + 7000);
            const answer = await patch(tus, url, { offset, bytes });
            offset = Number(answer.headers.get('upload-offset'));
          }
          expect(tus.original(url)?.equals(file)).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('answers the last PATCH again, and HEAD, when its answer was lost', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await create(tus, file.length);
    await patch(tus, url, { offset: 0, bytes: file });
    expect((await patch(tus, url, { offset: 0, bytes: file })).status).toBe(409);
    expect(await offsetOf(tus, url)).toBe(String(file.length));
    expect((await patch(tus, url, { offset: file.length, bytes: Buffer.alloc(0) })).status).toBe(204);
  });

  it('finishes in HEAD what the last PATCH stored and did not finish: clients take its offset for success', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await create(tus, file.length);
    await tus.store.putChunkOnce(IMAGE_ID, 0, file);
    expect(await offsetOf(tus, url)).toBe(String(file.length));
    expect(tus.original(url)?.equals(file)).toBe(true);
  });

  it('two PATCHes at once: one wins, the other is told to ask, and the file is whole', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await create(tus, file.length);
    const sizes = [90_000, 300_000, 120_000];
    const answers = await Promise.all(
      sizes.map((size) => patch(tus, url, { offset: 0, bytes: file.subarray(0, size) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409, 409]);
    const from = Number(await offsetOf(tus, url));
    expect(from).toBe(Number(answers.find(({ status }) => status === 204)?.headers.get('upload-offset')));
    await sendAll(tus, url, { file, step: 50_000, from });
    expect(tus.original(url)?.equals(file)).toBe(true);
  });

  it('a late repetition of an earlier PATCH never takes the offset back', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await create(tus, file.length);
    await patch(tus, url, { offset: 0, bytes: file.subarray(0, 200_000) });
    await tus.store.putChunkOnce(IMAGE_ID, 0, file.subarray(0, 100));
    expect(await offsetOf(tus, url)).toBe('200000');
  });

  it('a file that is not the announced one ends with 422, so that no client sends it again and again', async () => {
    const tus = tusHarness();
    const file = pictureOf();
    const url = await create(tus, file.length, { 'upload-metadata': metadataHeader({ sha256: '0'.repeat(64) }) });
    const answer = await patch(tus, url, { offset: 0, bytes: file });
    expect([answer.status, (await errorOf(answer)).code]).toEqual([422, 'CHECKSUM_MISMATCH']);
    expect([tus.original(url), (await head(tus, url)).status]).toEqual([undefined, 410]);
  });

  it('is not fooled into ever more tiny chunks', async () => {
    const tus = tusHarness();
    const url = await create(tus, 200_000);
    for (let offset = 0; offset < 10_000; offset += 1) await tus.store.putChunk(IMAGE_ID, offset, Buffer.alloc(1));
    expect((await patch(tus, url, { offset: 10_000, bytes: Buffer.alloc(1) })).status).toBe(400);
  });

  it('says nothing of an error of its own but where to ask', async () => {
    const tus = tusHarness();
    const url = await create(tus, 1000);
    const broken = tusHarness({
      store: { ...tus.store, listChunks: () => Promise.reject(new Error('secret detail')) },
    });
    const answer = await patch(broken, url, { offset: 0, bytes: Buffer.alloc(1) });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret detail');
  });
});
