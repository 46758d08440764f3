import { AwsError } from '../service.ts';
import { ChunkedDecoder } from './chunked.ts';
import type { SignableRequest } from './canonical.ts';
import { authenticate, type ChunkSeed } from './verify.ts';

/** The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and its neighbours. */
const ACCESS_KEY = 'AKIAIOSFODNN7EXAMPLE';
const NOW = Date.parse('2013-05-24T00:00:00Z');
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const verifier = (now = NOW) => ({
  credentials: new Map([[ACCESS_KEY, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY']]),
  now: () => now,
});

const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;

const request = (method: string, target: string, headers: Record<string, string>): SignableRequest => {
  const [path = '', query = ''] = target.split('?');
  return { method, path, query, headers: { host: 'examplebucket.s3.amazonaws.com', ...headers } };
};

const amz = { 'x-amz-date': '20130524T000000Z', 'x-amz-content-sha256': EMPTY };

const GET_OBJECT = request('GET', '/test.txt', {
  ...amz,
  range: 'bytes=0-9',
  authorization: authorization(
    'host;range;x-amz-content-sha256;x-amz-date',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ),
});
const PUT_OBJECT = request('PUT', '/test%24file.text', {
  ...amz,
  date: 'Fri, 24 May 2013 00:00:00 GMT',
  'x-amz-storage-class': 'REDUCED_REDUNDANCY',
  'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
  authorization: authorization(
    'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ),
});
const GET_LIFECYCLE = request('GET', '/?lifecycle', {
  ...amz,
  authorization: authorization(
    'host;x-amz-content-sha256;x-amz-date',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ),
});
const LIST_OBJECTS = request('GET', '/?max-keys=2&prefix=J', {
  ...amz,
  authorization: authorization(
    'host;x-amz-content-sha256;x-amz-date',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ),
});
const PRESIGNED = request(
  'GET',
  `/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${ACCESS_KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`,
  {},
);

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof AwsError) return error.code;
    throw error;
  }
  return 'none';
};

describe("AWS's examples", () => {
  it.each([
    ['GET Object', GET_OBJECT],
    ['PUT Object', PUT_OBJECT],
    ['GET Bucket Lifecycle', GET_LIFECYCLE],
    ['List Objects', LIST_OBJECTS],
    ['a presigned GET', PRESIGNED],
  ])('%s is signed by its key', (_name, signed) => {
    expect(authenticate(signed, verifier())?.accessKeyId).toBe(ACCESS_KEY);
  });

  it.each<[string, SignableRequest, number, string]>([
    ['another path', { ...GET_OBJECT, path: '/test.txt2' }, NOW, 'SignatureDoesNotMatch'],
    ['another method', { ...GET_OBJECT, method: 'PUT' }, NOW, 'SignatureDoesNotMatch'],
    [
      'another signed header',
      { ...GET_OBJECT, headers: { ...GET_OBJECT.headers, range: 'bytes=0-10' } },
      NOW,
      'SignatureDoesNotMatch',
    ],
    ['another query', { ...LIST_OBJECTS, query: 'max-keys=3&prefix=J' }, NOW, 'SignatureDoesNotMatch'],
    [
      'an unsigned x-amz- header',
      { ...GET_OBJECT, headers: { ...GET_OBJECT.headers, 'x-amz-acl': 'public-read' } },
      NOW,
      'AccessDenied',
    ],
    ['a clock 16 minutes off', GET_OBJECT, NOW + 16 * 60_000, 'RequestTimeTooSkewed'],
    ['a URL of yesterday', PRESIGNED, NOW + 86_401_000, 'AccessDenied'],
    ['a URL of tomorrow', PRESIGNED, NOW - 86_400_000, 'AccessDenied'],
    ['version 2 of signatures', { ...GET_OBJECT, headers: { authorization: 'AWS AKID:abc' } }, NOW, 'InvalidRequest'],
    ['both ways at once', { ...PRESIGNED, headers: GET_OBJECT.headers }, NOW, 'InvalidArgument'],
    [
      'no payload hash',
      { ...GET_OBJECT, headers: { ...GET_OBJECT.headers, 'x-amz-content-sha256': undefined } },
      NOW,
      'InvalidRequest',
    ],
  ])('are refused with %s', (_name, signed, now, code) => {
    expect(refusal(() => authenticate(signed, verifier(now)))).toBe(code);
  });

  it('without a signature are anonymous', () => {
    expect(authenticate(request('GET', '/', {}), verifier())).toBeUndefined();
  });
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html: 65 KiB + 1 KiB of `a`. */
describe('a signed streaming body', () => {
  const signedHeaders =
    'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class';
  const put = request('PUT', '/examplebucket/chunkObject.txt', {
    host: 's3.amazonaws.com',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '66560',
    'content-length': '66824',
    authorization: authorization(signedHeaders, '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'),
  });
  const seed = (): ChunkSeed => authenticate(put, verifier())!.seed!;
  const body = (first = 'a') =>
    Buffer.from(
      `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${first}${'a'.repeat(65_535)}\r\n` +
        `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${'a'.repeat(1024)}\r\n` +
        '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
    );
  const decode = (data: Buffer, step: number) => {
    const decoder = new ChunkedDecoder({ seed: seed(), trailer: false });
    let size = 0;
    for (let at = 0; at < data.length; at += step)
      decoder.push(data.subarray(at, at + step), (piece) => (size += piece.length));
    decoder.end();
    return size;
  };

  it.each([1_000_000, 4096, 1])('is decoded and verified in reads of %d bytes', (step) => {
    expect(decode(body(), step)).toBe(66_560);
  });

  it('is refused when a byte is changed or the end is missing', () => {
    expect(refusal(() => decode(body('b'), 4096))).toBe('SignatureDoesNotMatch');
    expect(refusal(() => decode(body().subarray(0, -90), 4096))).toBe('IncompleteBody');
  });
});

describe('an unsigned streaming body', () => {
  const decode = (text: string) => {
    const decoder = new ChunkedDecoder({ trailer: true });
    const pieces: Buffer[] = [];
    for (const byte of Buffer.from(text)) decoder.push(Buffer.of(byte), (piece) => pieces.push(Buffer.from(piece)));
    decoder.end();
    return { text: Buffer.concat(pieces).toString(), trailers: Object.fromEntries(decoder.trailers) };
  };

  it('gives its bytes and trailers', () => {
    expect(decode('5\r\nhello\r\n3\r\n\r\n!\r\n0\r\nx-amz-checksum-crc32: AAAA\r\n\r\n')).toEqual({
      text: 'hello\r\n!',
      trailers: { 'x-amz-checksum-crc32': 'AAAA' },
    });
  });

  it.each([
    ['g\r\n', 'InvalidRequest'],
    ['-5\r\nhello', 'InvalidRequest'],
    ['5\r\nhelloX\r\n', 'InvalidRequest'],
    ['5\r\nhel', 'IncompleteBody'],
    ['5\r\nhello\r\n', 'IncompleteBody'],
    ['', 'IncompleteBody'],
  ])('%j is refused', (text, code) => {
    expect(refusal(() => decode(text))).toBe(code);
  });
});
