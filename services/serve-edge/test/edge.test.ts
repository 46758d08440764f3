import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { ladder, parseVariantKey } from '@darkroom/types';
import type { CloudFrontRequest, CloudFrontRequestEvent } from 'aws-lambda';
import fc from 'fast-check';
import type { handler as LambdaHandler } from '../src/functions/viewerRequestLambda/handler.ts';
import vectors from './vectors.json' with { type: 'json' };

const { viewerRequestCode, viewerRequestLambdaCode } = createRequire(import.meta.url)('../edge-code.cjs') as Record<
  'viewerRequestCode' | 'viewerRequestLambdaCode',
  () => string
>;
const code = viewerRequestCode();
const lambdaCode = viewerRequestLambdaCode();

/** The built module, as Lambda would load it. */
const lambdaModule = { exports: {} as { handler: typeof LambdaHandler } };
runInNewContext(lambdaCode, { module: lambdaModule, exports: lambdaModule.exports, URLSearchParams, TypeError });

type Texts = Readonly<Record<string, string | undefined>>;
interface Answer {
  readonly uri?: string;
  readonly status?: number;
  readonly query: string;
}
/** One request through one edge runtime. */
type Edge = (path: string, headers: Texts, query: Texts) => Promise<Answer>;

const present = (texts: Texts): [string, string][] =>
  Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined);

/** The very code that is deployed, alone in a context, as CloudFront runs it. */
const cloudFrontFunction: Edge = (path, headers, query) => {
  const values = (texts: Texts) => Object.fromEntries(present(texts).map(([name, value]) => [name, { value }]));
  const event = {
    version: '1.0',
    request: { method: 'GET', uri: path, querystring: values(query), headers: values(headers), cookies: {} },
  };
  const answer = runInNewContext(`${code};handler(event)`, { event }) as {
    uri?: string;
    statusCode?: number;
    querystring?: object;
  };
  return Promise.resolve({
    ...(answer.uri !== undefined && { uri: answer.uri }),
    ...(answer.statusCode !== undefined && { status: answer.statusCode }),
    query: Object.keys(answer.querystring ?? {}).join('&'),
  });
};

const lambdaAtEdge: Edge = async (path, headers, query) => {
  const request = {
    uri: path,
    method: 'GET',
    querystring: new URLSearchParams(present(query)).toString(),
    headers: Object.fromEntries(present(headers).map(([key, value]) => [key, [{ key, value }]])),
  } as unknown as CloudFrontRequest;
  const answer = await lambdaModule.exports.handler({
    Records: [{ cf: { request } }],
  } as unknown as CloudFrontRequestEvent);
  if (answer && 'status' in answer) return { status: Number(answer.status), query: '' };
  const { uri, querystring } = answer!;
  return { uri, query: querystring };
};

const IMAGE = '01ARZ3NDEKTSV4RRFFQ69G5FAV/0123456789ab';

describe.each([
  ['CloudFront Function', cloudFrontFunction],
  ['Lambda@Edge', lambdaAtEdge],
])('viewer request as %s', (_runtime, edge) => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    'answers %s',
    async (_name, { headers, query, expected }) => {
      expect(await edge(`/i/${IMAGE}`, headers, query)).toEqual({ uri: `/v/${IMAGE}/${expected}`, query: '' });
    },
  );

  it('takes a canonical path as it is, drops its query, and folds a low tier that shares its file', async () => {
    expect(await edge(`/v/${IMAGE}/1280-l.avif`, {}, { x: '1' })).toEqual({
      uri: `/v/${IMAGE}/1280-l.avif`,
      query: '',
    });
    expect(await edge(`/v/${IMAGE}/320-l.avif`, {}, {})).toEqual({ uri: `/v/${IMAGE}/320-n.avif`, query: '' });
    for (const width of ladder.squareWidths) {
      const square = `/v/${IMAGE}/${width}-s.avif`;
      expect(await edge(square, { 'save-data': 'on' }, { t: 'n', w: '2048' })).toEqual({ uri: square, query: '' });
    }
  });

  it('has 36 cache keys an image, whatever file of it is named', async () => {
    const files = Array.from({ length: 2_100 }, (_, width) => width)
      .filter((width) => width % 10 === 0 || ladder.widths.includes(width))
      .flatMap((width) => ['n', 'l', 's'].map((tier) => `${width}-${tier}`));
    const kept = new Set<string>();
    for (const file of files) {
      const { uri } = await edge(`/v/${IMAGE}/${file}.avif`, {}, {});
      if (uri !== undefined) kept.add(uri);
    }
    expect(kept.size * ladder.formats.length).toBe(36);
    for (const uri of kept) expect(parseVariantKey(uri.slice(1))).toBeDefined();
  });

  it.each([
    ['a width that is not on the ladder', `/v/${IMAGE}/321-n.avif`, 400],
    ['a width that squares do not have', `/v/${IMAGE}/960-s.avif`, 400],
    ['a tier that does not exist', `/v/${IMAGE}/320-x.avif`, 404],
    ['a format that is not served', `/v/${IMAGE}/320-n.png`, 404],
    ['a step up', `/v/${IMAGE}/../320-n.avif`, 404],
    ['an id that is no ULID', '/i/01ARZ3NDEKTSV4RRFFQ69G5FAU/0123456789ab', 404],
    ['an original', '/originals/80/01ARZ3NDEKTSV4RRFFQ69G5FAV/source', 404],
    ['the root', '/', 404],
  ])('refuses %s', async (_what, path, status) => {
    expect(await edge(path, {}, {})).toEqual({ status, query: '' });
  });

  it('never leaves the ladder, whatever the viewer sends: at most 36 cache keys an image', async () => {
    const text = fc.option(
      fc.oneof(
        fc.string(),
        fc.constantFrom('on', '2g', '?1', '2', '640', 'image/avif', '*/*;q=0', 'NaN', '1e309', '-1'),
      ),
      { nil: undefined },
    );
    const names = [
      'accept',
      'save-data',
      'ect',
      'rtt',
      'downlink',
      'sec-ch-dpr',
      'sec-ch-width',
      'sec-ch-viewport-width',
      'user-agent',
    ];
    const headers = fc.record(Object.fromEntries(names.map((name) => [name, text])));
    const tier = fc.option(fc.oneof(fc.string(), fc.constantFrom('n', 'l', 's')), { nil: undefined });
    const query = fc.record({ w: text, t: tier });
    await fc.assert(
      fc.asyncProperty(headers, query, async (given, asked) => {
        const { uri } = await edge(`/i/${IMAGE}`, given, asked);
        const name = parseVariantKey((uri ?? '').slice(1));
        expect(name).toBeDefined();
        expect(name?.tier === 'l' && name.width < ladder.lowTierFrom).toBe(false);
        // Nobody gets less than the picture who did not ask for it.
        expect(name?.tier === 's').toBe(asked.t === 's');
      }),
    );
  });
});

describe('the CloudFront Function', () => {
  it('fits the 10 KB that CloudFront allows', () => {
    expect(Buffer.byteLength(code)).toBeLessThanOrEqual(10_240);
  });

  it('as Lambda@Edge fits the 1 MB that a viewer request allows, and reads no environment, which there is none', () => {
    expect(Buffer.byteLength(lambdaCode)).toBeLessThanOrEqual(1_000_000);
    expect(lambdaCode).not.toContain('process');
  });

  it('reaches for nothing that the edge does not have', () => {
    expect(code).not.toMatch(/\b(require|import|process|fetch|setTimeout|eval)\b/);
  });
});
