import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { deployDistributions } from '../../../packages/local-cloud/src/admin/distributions.ts';
import { createCloudFront, type CloudFront } from '../../../packages/local-cloud/src/cloudfront/index.ts';
import { AwsError, type CloudContext, type JsonService } from '../../../packages/local-cloud/src/service.ts';
import { loadStacks } from '../../../packages/local-cloud/src/stack/index.ts';

/** The distribution of resources.yml as it is deployed, on the embedded CDN, between stand-ins for its two origins. */
const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const RENDER = 'darkroom-variants-local-renderVariant';
const IMAGE = '01ARZ3NDEKTSV4RRFFQ69G5FAV/0123456789ab';
const IMMUTABLE = 'public, max-age=31536000, immutable';

const services = ['variants', 'serve-edge'].map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)));

const context: CloudContext = {
  accountId: ACCOUNT,
  region: REGION,
  dataDir: '/nowhere',
  endpoint: () => '',
  now: () => Date.UTC(2026, 10, 23),
  credentials: new Map(),
  log: () => undefined,
};

/** Everything the stacks read is published by the stacks beside them. */
const emptyStore: JsonService = {
  targetPrefix: 'AmazonSSM',
  contentType: 'application/x-amz-json-1.1',
  actions: {
    GetParameter: () => {
      throw new AwsError('ParameterNotFound', 'empty');
    },
  },
};

describe('the distribution', () => {
  let cdn: CloudFront;
  let base: string;
  let published: unknown;
  const stored = new Map<string, string>();
  const asked: string[] = [];

  beforeAll(async () => {
    cdn = createCloudFront(context, {
      readObject: async (bucket, key) => {
        asked.push(`${bucket}/${key}`);
        const body = stored.get(key);
        const headers = { 'content-type': 'image/avif', 'cache-control': IMMUTABLE, etag: '"e"' };
        return body === undefined ? undefined : { status: 200, headers, body: Readable.from([Buffer.from(body)]) };
      },
      invokeUrl: async (name, { path }) => {
        asked.push(`${name} ${path}`);
        const headers = { 'content-type': 'image/webp', 'cache-control': IMMUTABLE };
        return { status: 200, headers, cookies: [], body: Buffer.from('rendered') };
      },
    });
    const port = await cdn.listen(0, true);
    base = `http://127.0.0.1:${String(port)}`;
    const universe = await loadStacks(
      services,
      { stage: 'local', region: REGION, accountId: ACCOUNT, environment: {} },
      {
        cloud: {
          region: REGION,
          accountId: ACCOUNT,
          endpoint: 'http://127.0.0.1:4566',
          apiUrl: 'http://127.0.0.1:4567',
          cdnHost: `127.0.0.1:${String(port)}`,
        },
        ssm: emptyStore,
      },
    );
    deployDistributions(universe, cdn, [RENDER]);
    published = universe.stacks
      .flatMap((stack) =>
        stack.resourcesOf('AWS::SSM::Parameter').map(({ properties }) => stack.resolveDict(properties)),
      )
      .find(({ Name }) => Name === '/local/darkroom/serve-edge/cdn-url')?.Value;
  });
  afterAll(() => cdn.close());
  beforeEach(() => {
    asked.length = 0;
    stored.clear();
    cdn.invalidate('/');
  });

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${base}${path}`, { method, headers, redirect: 'manual' });

  it('publishes its address', () => {
    expect(published).toBe(base);
  });

  it('serves a stored rendition from the bucket, then from the edge, to everybody who negotiates the same', async () => {
    stored.set(`v/${IMAGE}/640-n.avif`, 'stored');

    const first = await get(`/i/${IMAGE}?w=600`, { accept: 'image/avif,*/*;q=0.5' });
    const second = await get(`/i/${IMAGE}?w=640&utm=x`, { accept: 'image/avif', cookie: 'c=1', 'user-agent': 'other' });
    const named = await get(`/v/${IMAGE}/640-n.avif`);

    expect(await first.text()).toBe('stored');
    expect([first, second, named].map(({ headers }) => headers.get('x-cache'))).toEqual([
      'Miss from cloudfront',
      'Hit from cloudfront',
      'Hit from cloudfront',
    ]);
    expect(asked).toEqual([`darkroom-local-variants-${ACCOUNT}-${REGION}/v/${IMAGE}/640-n.avif`]);
  });

  it('asks the render function for what is not stored', async () => {
    const answer = await get(`/i/${IMAGE}?w=960`, { accept: 'image/webp' });

    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('rendered');
    expect(asked.at(-1)).toBe(`${RENDER} /v/${IMAGE}/960-n.webp`);
  });

  it('sends headers that make pictures inert and caches right', async () => {
    stored.set(`v/${IMAGE}/640-n.avif`, 'stored');

    const { headers } = await get(`/v/${IMAGE}/640-n.avif`, { origin: 'https://page.test' });

    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/avif',
      'cache-control': IMMUTABLE,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'strict-transport-security': 'max-age=63072000',
      'access-control-allow-origin': '*',
      vary: expect.stringContaining('Accept'),
      'accept-ch': expect.stringContaining('Sec-CH-DPR'),
    });
  });

  it.each([
    ['/', 404],
    ['/originals/80/01ARZ3NDEKTSV4RRFFQ69G5FAV/source', 404],
    [`/v/${IMAGE}/321-n.avif`, 400],
    [`/v/${IMAGE}/1280-s.avif`, 400],
    [`/v/${IMAGE}/..%2f..%2fsecret`, 404],
  ])('answers %s at the edge, without an origin', async (path, status) => {
    const answer = await get(path);

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    expect(asked).toEqual([]);
  });

  it('takes GET and HEAD only', async () => {
    expect((await get(`/i/${IMAGE}`, {}, 'POST')).status).toBe(403);
    expect((await get(`/i/${IMAGE}`, {}, 'HEAD')).status).toBe(200);
  });
});
