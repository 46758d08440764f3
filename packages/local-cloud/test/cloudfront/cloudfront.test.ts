import { keyed, startEdge, type Answer, type Edge } from './support.ts';

const verdict = ({ headers }: Answer): string | undefined => headers['x-cache']?.replace(' from cloudfront', '');

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge();
  edge.objects.set('a.avif', {
    body: '0123456789',
    headers: { etag: '"one"', 'content-type': 'image/avif', 'last-modified': 'Mon, 23 Nov 2026 20:00:00 GMT' },
  });
});
afterEach(() => edge.stop());

/** Amazon CloudFront Developer Guide; the section is named beside each group. */
describe('cache', () => {
  it('answers the second viewer from the edge, with its age', async () => {
    edge.deploy();

    const first = await edge.get('/a.avif');
    edge.clock.now += 5_000;
    const second = await edge.get('/a.avif');

    expect([verdict(first), verdict(second)]).toEqual(['Miss', 'Hit']);
    expect(second).toMatchObject({
      status: 200,
      body: '0123456789',
      headers: { age: '5', 'content-type': 'image/avif', via: expect.stringContaining('CloudFront') },
    });
    expect(first.headers.age).toBeUndefined();
    expect(edge.asked).toEqual(['s3 pictures/a.avif']);
    expect(edge.cdn.stats()).toMatchObject({ requests: 2, hits: 1, misses: 1, bytes: 20 });
  });

  // "Managing how long content stays in the cache": the origin's word between minimum and maximum, else the default.
  it.each([
    ['nothing said: DefaultTTL', undefined, 60],
    ['max-age', 'max-age=100', 100],
    ['s-maxage before max-age', 'max-age=100, s-maxage=200', 200],
    ['not below MinTTL', 'max-age=0', 10],
    ['not above MaxTTL', 'max-age=99999', 3_600],
    ['no-store: MinTTL', 'no-store', 10],
    ['private: MinTTL', 'private', 10],
  ])('%s', async (_name, cacheControl, seconds) => {
    edge.deploy({ policy: { MinTTL: 10 } });
    edge.objects.set('b', { body: 'b', headers: cacheControl === undefined ? {} : { 'cache-control': cacheControl } });
    await edge.get('/b');

    edge.clock.now += seconds * 1_000 - 1;
    expect(verdict(await edge.get('/b'))).toBe('Hit');
    edge.clock.now += 1;
    expect(verdict(await edge.get('/b'))).toBe('Miss');
  });

  it('keeps nothing that is no-store when MinTTL is 0', async () => {
    edge.deploy({ policy: { MinTTL: 0 } });
    edge.objects.set('b', { body: 'b', headers: { 'cache-control': 'no-store' } });

    expect([verdict(await edge.get('/b')), verdict(await edge.get('/b'))]).toEqual(['Miss', 'Miss']);
  });

  it('Expires counts where Cache-Control says nothing', async () => {
    edge.deploy();
    edge.objects.set('b', { body: 'b', headers: { expires: new Date(edge.clock.now + 90_000).toUTCString() } });
    await edge.get('/b');

    edge.clock.now += 89_000;
    expect(verdict(await edge.get('/b'))).toBe('Hit');
  });

  it('says RefreshHit when the origin still has the same', async () => {
    edge.deploy();
    await edge.get('/a.avif');
    edge.clock.now += 61_000;

    expect(verdict(await edge.get('/a.avif'))).toBe('RefreshHit');
    expect(verdict(await edge.get('/a.avif'))).toBe('Hit');
    expect(edge.cdn.stats()).toMatchObject({ refreshHits: 1 });
  });

  it('asks the origin once for viewers that come together ("collapsed requests")', async () => {
    edge.deploy();
    const gate = Promise.withResolvers<undefined>();
    edge.gate = gate.promise;
    const viewers = Array.from({ length: 10 }, () => edge.get('/a.avif'));
    while (edge.cdn.stats().requests !== 10) await new Promise((resolve) => setTimeout(resolve, 1));
    gate.resolve(undefined);

    const answers = await Promise.all(viewers);

    expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 10 }, () => '0123456789'));
    expect(edge.asked).toHaveLength(1);
  });

  it('HEAD and GET share an entry; HEAD has no body', async () => {
    edge.deploy();

    const head = await edge.get('/a.avif', { method: 'HEAD' });
    const get = await edge.get('/a.avif');

    expect(head).toMatchObject({ status: 200, body: '', headers: { 'content-length': '10' } });
    expect(verdict(get)).toBe('Hit');
    expect(get.body).toBe('0123456789');
  });

  it('forgets what was used least when it is full', async () => {
    edge.deploy();
    const large = 'x'.repeat(12 * 1024 * 1024);
    for (const key of ['p', 'q', 'r']) edge.objects.set(key, { body: large });
    for (const path of ['/p', '/q', '/p', '/r']) await edge.get(path);

    expect(verdict(await edge.get('/p'))).toBe('Hit');
    expect(verdict(await edge.get('/q'))).toBe('Miss');
  });

  it('an invalidation makes it forget', async () => {
    edge.deploy();
    await edge.get('/a.avif');

    expect(edge.cdn.invalidate('/a')).toBe(1);
    expect(verdict(await edge.get('/a.avif'))).toBe('Miss');
  });
});

/** "Understanding the cache key": the path and what the policy names; the origin sees the same and no more. */
describe('cache key', () => {
  const pairs = async (
    first: [string, Record<string, string>?],
    second: [string, Record<string, string>?],
  ): Promise<string> => {
    const answers: Answer[] = [];
    for (const [path, headers = {}] of [first, second]) answers.push(await edge.get(path, { headers }));
    return answers.map(verdict).join(' ');
  };

  it('holds no query, header or cookie by default', async () => {
    edge.deploy();

    expect(
      await pairs(['/a.avif?x=1', { accept: 'a', cookie: 'c=1' }], ['/a.avif?x=2', { accept: 'b', cookie: 'c=2' }]),
    ).toBe('Miss Hit');
  });

  it('query: the listed ones, in any order, all values', async () => {
    edge.deploy({
      behaviour: { TargetOriginId: 'function' },
      policy: keyed({ QueryStringBehavior: 'whitelist', QueryStrings: ['w', 't'] }),
    });
    edge.render = () => ({ status: 200 });

    expect(await pairs(['/a?w=1&t=2&z=3'], ['/a?z=4&t=2&w=1'])).toBe('Miss Hit');
    expect(await pairs(['/b?w=1'], ['/b?w=2'])).toBe('Miss Miss');
    expect(await pairs(['/c?w=1&w=2'], ['/c?w=1&w=3'])).toBe('Miss Miss');
    expect(edge.asked[0]).toBe('url make /a?t=2&w=1');
  });

  it('headers: whatever their case', async () => {
    edge.deploy({ policy: keyed({ HeaderBehavior: 'whitelist', Headers: ['Accept'] }) });

    expect(await pairs(['/a.avif', { Accept: 'x', dnt: '1' }], ['/a.avif', { accept: 'x', dnt: '0' }])).toBe(
      'Miss Hit',
    );
    expect(await pairs(['/a.avif', { accept: 'y' }], ['/a.avif', { accept: 'z' }])).toBe('Miss Miss');
  });

  it('cookies', async () => {
    edge.deploy({ policy: keyed({ CookieBehavior: 'whitelist', Cookies: ['s'] }) });

    expect(await pairs(['/a.avif', { cookie: 's=1; o=1' }], ['/a.avif', { cookie: 'o=2; s=1' }])).toBe('Miss Hit');
    expect(await pairs(['/a.avif', { cookie: 's=2' }], ['/a.avif', { cookie: 's=3' }])).toBe('Miss Miss');
  });

  it('all and all but', async () => {
    edge.deploy({ policy: keyed({ QueryStringBehavior: 'allExcept', QueryStrings: ['utm'] }) });

    expect(await pairs(['/a.avif?utm=1&w=1'], ['/a.avif?utm=2&w=1'])).toBe('Miss Hit');
    expect(await pairs(['/a.avif?w=2'], ['/a.avif?w=3'])).toBe('Miss Miss');
  });
});

/** "Optimize high availability with CloudFront origin failover". */
describe('origins', () => {
  it('asks the second origin of a group for what the first does not have, and keeps its answer', async () => {
    edge.deploy();
    edge.render = (path) => ({
      status: 200,
      headers: { 'content-type': 'image/webp' },
      body: Buffer.from(`made ${path}`),
    });

    const first = await edge.get('/new.webp');
    const second = await edge.get('/new.webp');

    expect(first).toMatchObject({ status: 200, body: 'made /new.webp', headers: { 'content-type': 'image/webp' } });
    expect(verdict(second)).toBe('Hit');
    expect(edge.asked).toEqual(['s3 pictures/new.webp', 'url make /new.webp']);
  });

  it('without a group, S3 says 403 for a missing key, because nobody may list the bucket', async () => {
    edge.deploy({ behaviour: { TargetOriginId: 'bucket' } });

    const answer = await edge.get('/none');

    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('<Code>AccessDenied</Code>') });
    expect(verdict(answer)).toBe('Error');
  });

  it('hands redirects of an origin on and caches them', async () => {
    edge.deploy();
    edge.render = () => ({ status: 302, headers: { location: '/a.avif', 'cache-control': 'max-age=30' } });

    expect(await edge.get('/b')).toMatchObject({ status: 302, headers: { location: '/a.avif' } });
    expect(verdict(await edge.get('/b'))).toBe('Hit');
  });

  it('decodes the path once to the key, and refuses what is not well encoded', async () => {
    edge.deploy({ behaviour: { TargetOriginId: 'bucket' } });
    edge.objects.set('ü %41', { body: 'odd' });

    expect(await edge.get('/%C3%BC%20%2541')).toMatchObject({ status: 200, body: 'odd' });
    expect(await edge.get('/%E0%A4%A')).toMatchObject({ status: 400 });
  });

  it('puts OriginPath before the path', async () => {
    edge.deploy({
      config: {
        Origins: [{ Id: 'group', DomainName: 'pictures.s3.us-east-1.amazonaws.com', OriginPath: '/deep' }],
        OriginGroups: undefined,
      },
    });
    edge.objects.set('deep/a', { body: 'deep' });

    expect(await edge.get('/a')).toMatchObject({ body: 'deep' });
  });

  // "How CloudFront processes HTTP 4xx and 5xx status codes from your origin".
  it('caches errors for as long as the distribution says, ten seconds unless it says', async () => {
    edge.deploy({ config: { CustomErrorResponses: [{ ErrorCode: 404, ErrorCachingMinTTL: '30' }] } });
    await edge.get('/none');

    edge.clock.now += 29_000;
    const held = await edge.get('/none');
    expect([held.status, verdict(held)]).toEqual([404, 'Error']);
    expect(edge.asked).toHaveLength(2);
    edge.clock.now += 1_000;
    await edge.get('/none');
    expect(edge.asked).toHaveLength(4);

    edge.render = () => ({ status: 502 });
    await edge.get('/broken');
    edge.clock.now += 10_000;
    await edge.get('/broken');
    expect(edge.asked.filter((line) => line === 'url make /broken')).toHaveLength(2);
  });

  it('serves what it still holds when the origin fails', async () => {
    edge.deploy({ behaviour: { TargetOriginId: 'function' } });
    edge.render = () => ({ status: 200, body: Buffer.from('good') });
    await edge.get('/a');
    edge.clock.now += 61_000;
    edge.render = () => ({ status: 503 });

    expect(await edge.get('/a')).toMatchObject({ status: 200, body: 'good' });
  });

  it('puts the page of a custom error response in the place of the error', async () => {
    edge.deploy({
      config: { CustomErrorResponses: [{ ErrorCode: 404, ResponsePagePath: '/missing.html', ResponseCode: 410 }] },
    });
    edge.objects.set('missing.html', { body: 'gone' });

    expect(await edge.get('/none')).toMatchObject({ status: 410, body: 'gone' });
  });

  it('does not show a viewer why an origin failed', async () => {
    edge.deploy({ behaviour: { TargetOriginId: 'function' } });
    edge.render = () => {
      throw new Error('secret');
    };

    const answer = await edge.get('/a');

    expect(answer.status).toBe(502);
    expect(JSON.stringify(answer)).not.toContain('secret');
    edge.render = () => ({ status: 200 });
    expect((await edge.get('/a')).status).toBe(200);
  });
});

/** RFC 9110 §13 and §14, answered from the edge. */
describe('conditions and ranges', () => {
  const modified = 'Mon, 23 Nov 2026 20:00:00 GMT';
  it.each([
    ['the same ETag', { 'if-none-match': '"one"' }, 304, ''],
    ['one of several, weak', { 'if-none-match': '"two", W/"one"' }, 304, ''],
    ['any', { 'if-none-match': '*' }, 304, ''],
    ['another ETag', { 'if-none-match': '"two"' }, 200, '0123456789'],
    ['not modified since', { 'if-modified-since': modified }, 304, ''],
    ['modified since', { 'if-modified-since': 'Mon, 23 Nov 2026 19:00:00 GMT' }, 200, '0123456789'],
    ['If-None-Match goes first', { 'if-none-match': '"two"', 'if-modified-since': modified }, 200, '0123456789'],
    ['a range', { range: 'bytes=2-4' }, 206, '234'],
    ['to the end', { range: 'bytes=7-' }, 206, '789'],
    ['beyond the end', { range: 'bytes=7-99' }, 206, '789'],
    ['the last bytes', { range: 'bytes=-2' }, 206, '89'],
    ['If-Range of the same', { range: 'bytes=0-1', 'if-range': '"one"' }, 206, '01'],
    ['If-Range of another', { range: 'bytes=0-1', 'if-range': '"two"' }, 200, '0123456789'],
    ['several ranges: the whole', { range: 'bytes=0-1,3-4' }, 200, '0123456789'],
    ['an unknown unit: the whole', { range: 'lines=0-1' }, 200, '0123456789'],
    ['a range that is not there', { range: 'bytes=10-' }, 416, ''],
  ])('%s', async (_name, headers, status, body) => {
    edge.deploy();

    const answer = await edge.get('/a.avif', { headers });

    expect(answer).toMatchObject({ status, body });
    if (status === 304) expect(answer.headers.etag).toBe('"one"');
    if (status === 416) expect(answer.headers['content-range']).toBe('bytes */10');
  });

  it('names the range it sends', async () => {
    edge.deploy();

    const { headers } = await edge.get('/a.avif', { headers: { range: 'bytes=2-4' } });

    expect(headers).toMatchObject({ 'content-range': 'bytes 2-4/10', 'content-length': '3', 'accept-ranges': 'bytes' });
  });

  it('refuses methods that the behaviour does not allow with 403', async () => {
    edge.deploy();

    expect(await edge.get('/a.avif', { method: 'POST' })).toMatchObject({ status: 403 });
    expect(edge.asked).toEqual([]);
  });
});

/** "CloudFront Functions event structure" and "Restrictions on all edge functions". */
describe('functions', () => {
  const request = (code: string) =>
    edge.deploy({ functions: { 'viewer-request': `function handler(event) { ${code} }` } });

  it('see the request in the event structure 1.0', async () => {
    request(
      'return { statusCode: 200, headers: { "content-type": { value: "application/json" } }, body: JSON.stringify(event) }',
    );

    const { body, ...answer } = await edge.get('/p/a?x=1&x=2&y=', {
      headers: { 'X-Mixed': 'M', cookie: 'c=1; d=e=f' },
    });

    expect(JSON.parse(body)).toMatchObject({
      version: '1.0',
      context: { eventType: 'viewer-request', requestId: expect.stringMatching(/./) },
      viewer: { ip: '127.0.0.1' },
      request: {
        method: 'GET',
        uri: '/p/a',
        querystring: { x: { value: '1', multiValue: [{ value: '1' }, { value: '2' }] }, y: { value: '' } },
        headers: { 'x-mixed': { value: 'M' }, host: { value: expect.stringContaining('127.0.0.1') } },
        cookies: { c: { value: '1' }, d: { value: 'e=f' } },
      },
    });
    expect(JSON.parse(body)).not.toHaveProperty('request.headers.cookie');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-cache': 'FunctionGeneratedResponse from cloudfront',
    });
    expect(edge.cdn.stats()).toMatchObject({ generated: 1, hits: 0, misses: 0 });
  });

  it('rewrite the path, which is then the cache key', async () => {
    request('event.request.uri = "/a.avif"; event.request.querystring = {}; return event.request');

    expect([verdict(await edge.get('/x?1')), verdict(await edge.get('/y?2'))]).toEqual(['Miss', 'Hit']);
  });

  it('may be async', async () => {
    edge.deploy({
      functions: {
        'viewer-request':
          'async function handler(event) { event.request.uri = await Promise.resolve("/a.avif"); return event.request }',
      },
    });

    expect((await edge.get('/x')).status).toBe(200);
  });

  it.each([
    ['throws', 'throw new Error("secret")'],
    ['never ends', 'for (;;) {}'],
    ['waits for what never comes', 'return new Promise(function () {})'],
    ['answers nonsense', 'return 5'],
    ['reaches for Node', 'return { statusCode: 200, body: process.version }'],
    ['makes code of text', 'return { statusCode: 200, body: new Function("return 1")() }'],
    [
      'reaches out through a constructor',
      'return { statusCode: 200, body: String(event.constructor.constructor("return process")().pid) }',
    ],
  ])('a function that %s gives 503 and nothing of its error', async (_name, code) => {
    request(code);

    const answer = await edge.get('/a.avif');

    expect([answer.status, verdict(answer)]).toEqual([503, 'FunctionExecutionError']);
    expect(answer.body).not.toContain('secret');
  });

  it('viewer-response changes headers, and is not run for errors', async () => {
    edge.deploy({
      functions: {
        'viewer-response':
          'function handler(event) { event.response.headers["x-tier"] = { value: event.request.uri }; return event.response }',
      },
    });

    expect((await edge.get('/a.avif')).headers['x-tier']).toBe('/a.avif');
    expect((await edge.get('/none')).headers['x-tier']).toBeUndefined();
  });

  it('more than 10 KB is refused, as is code that does not parse', () => {
    expect(() => request(`/*${'x'.repeat(10_240)}*/`)).toThrow(
      expect.objectContaining({ code: 'FunctionSizeLimitExceeded' }),
    );
    expect(() => request('return (')).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
  });
});

/** "Understand response headers policies". */
describe('response headers policy', () => {
  const policy = {
    SecurityHeadersConfig: {
      ContentTypeOptions: { Override: true },
      StrictTransportSecurity: { AccessControlMaxAgeSec: '60', IncludeSubdomains: 'true', Override: true },
    },
    CustomHeadersConfig: {
      Items: [
        { Header: 'Vary', Value: 'Accept', Override: true },
        { Header: 'Content-Type', Value: 'text/plain', Override: false },
      ],
    },
    RemoveHeadersConfig: { Quantity: 1, Items: [{ Header: 'Last-Modified' }] },
    CorsConfig: {
      AccessControlAllowOrigins: { Items: ['*'] },
      AccessControlAllowMethods: { Items: ['GET'] },
      OriginOverride: true,
    },
  };

  it('adds to hits, misses and generated answers, overrides where it says so, and removes', async () => {
    edge.deploy({ headers: policy });

    for (const { headers } of [await edge.get('/a.avif'), await edge.get('/a.avif')]) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'strict-transport-security': 'max-age=60; includeSubDomains',
        vary: 'Accept',
        'content-type': 'image/avif',
      });
      expect(headers['last-modified']).toBeUndefined();
    }
  });

  it('adds CORS headers for requests with an Origin only', async () => {
    edge.deploy({ headers: policy });

    expect((await edge.get('/a.avif')).headers['access-control-allow-origin']).toBeUndefined();
    expect(
      (await edge.get('/a.avif', { headers: { origin: 'https://x.test' } })).headers['access-control-allow-origin'],
    ).toBe('*');
  });
});

describe('deploy', () => {
  it.each([
    ['a policy that is not there', { behaviour: { CachePolicyId: 'none' } }, 'cache policy'],
    [
      'a function that is not there',
      { behaviour: { FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: 'none' }] } },
      'CloudFront Function',
    ],
    ['behaviours by path', { config: { CacheBehaviors: [] } }, 'CacheBehaviors'],
    ['Lambda@Edge', { behaviour: { LambdaFunctionAssociations: [] } }, 'LambdaFunctionAssociations'],
  ])('refuses %s by name', (_name, changes, words) => {
    expect(() => edge.deploy(changes)).toThrow(words);
  });

  it('before it, viewers are told that nothing is served', async () => {
    expect(await edge.get('/')).toMatchObject({ status: 404, body: expect.stringContaining('NOT_FOUND') });
  });
});
