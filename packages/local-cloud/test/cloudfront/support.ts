import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import type { HttpAnswer } from '../../src/apigateway/answer.ts';
import { createCloudFront, type CloudFront, type DistributionDeployment } from '../../src/cloudfront/index.ts';
import type { CloudContext } from '../../src/service.ts';

export interface StoredObject {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Dict = Record<string, unknown>;

export interface Edge {
  readonly cdn: CloudFront;
  /** Objects of the bucket `pictures`, by key. */
  readonly objects: Map<string, StoredObject>;
  /** What the origins were asked, in order: `s3 key` or `url path?query`. */
  readonly asked: string[];
  readonly clock: { now: number };
  /** Files of access logs, in order. */
  readonly logs: { bucket: string; key: string; body: Buffer }[];
  /** Answer of the function `make`. */
  render: (path: string) => Partial<HttpAnswer> | Promise<Partial<HttpAnswer>>;
  /** While set, S3 waits for it. */
  gate: Promise<void> | undefined;
  deploy(changes?: {
    behaviour?: Dict;
    policy?: Dict;
    headers?: Dict;
    functions?: Record<string, string>;
    config?: Dict;
  }): void;
  get(path: string, options?: { method?: string; headers?: Record<string, string> }): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | undefined>;
  readonly body: string;
}

const NONE = { HeaderBehavior: 'none', QueryStringBehavior: 'none', CookieBehavior: 'none' };

export const keyed = (by: Dict): Dict => ({
  ParametersInCacheKeyAndForwardedToOrigin: {
    HeadersConfig: { ...NONE, ...by },
    QueryStringsConfig: { ...NONE, ...by },
    CookiesConfig: { ...NONE, ...by },
  },
});

const ORIGINS = {
  Origins: [
    { Id: 'bucket', DomainName: 'pictures.s3.us-east-1.amazonaws.com' },
    { Id: 'function', DomainName: 'make.lambda-url.us-east-1.on.aws' },
  ],
  OriginGroups: {
    Quantity: 1,
    Items: [
      {
        Id: 'group',
        FailoverCriteria: { StatusCodes: { Quantity: 3, Items: [403, 404, 500] } },
        Members: { Quantity: 2, Items: [{ OriginId: 'bucket' }, { OriginId: 'function' }] },
      },
    ],
  },
};

async function send(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string> },
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // Not fetch: it has opinions on Range, caching and HEAD.
  const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers as Answer['headers'],
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
  request.on('error', reject);
  request.end();
  return promise;
}

/** A CDN in front of a bucket and a function that are not there. */
export async function startEdge(): Promise<Edge> {
  const objects = new Map<string, StoredObject>();
  const asked: string[] = [];
  const logs: Edge['logs'] = [];
  const clock = { now: Date.UTC(2026, 10, 23, 20, 40) };
  const context: CloudContext = {
    accountId: '000000000000',
    region: 'us-east-1',
    dataDir: '/nowhere',
    endpoint: () => '',
    now: () => clock.now,
    credentials: new Map(),
    log: () => undefined,
  };
  const cdn = createCloudFront(context, {
    putObject: (object) => Promise.resolve(void logs.push(object)),
    readObject: async (bucket, key) => {
      asked.push(`s3 ${bucket}/${key}`);
      await edge.gate;
      const object = objects.get(key);
      return object && { status: 200, headers: object.headers ?? {}, body: Readable.from([Buffer.from(object.body)]) };
    },
    invokeUrl: async (name, { path, query }) => {
      asked.push(`url ${name} ${path}${query === '' || query === undefined ? '' : `?${query}`}`);
      return { status: 200, headers: {}, cookies: [], body: Buffer.from(''), ...(await edge.render(path)) };
    },
  });
  const port = await cdn.listen(0, true);
  const edge: Edge = {
    cdn,
    objects,
    asked,
    clock,
    logs,
    render: () => ({ status: 404 }),
    gate: undefined,
    deploy({ behaviour = {}, policy = {}, headers, functions = {}, config = {} } = {}) {
      const deployment: DistributionDeployment = {
        config: {
          ...ORIGINS,
          DefaultCacheBehavior: {
            TargetOriginId: 'group',
            CachePolicyId: 'policy',
            ...(headers && { ResponseHeadersPolicyId: 'headers' }),
            FunctionAssociations: Object.keys(functions).map((type) => ({ EventType: type, FunctionARN: type })),
            ...behaviour,
          },
          ...config,
        },
        functions: new Map(Object.entries(functions)),
        cachePolicies: new Map([['policy', { MinTTL: 1, DefaultTTL: 60, MaxTTL: 3_600, ...keyed({}), ...policy }]]),
        responseHeadersPolicies: new Map(headers ? [['headers', headers]] : []),
        functionNames: ['make', 'other'],
      };
      cdn.deploy(deployment);
    },
    get: (path, options = {}) => send(port, path, options),
    stop: () => cdn.close(),
  };
  return edge;
}
