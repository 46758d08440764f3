import { buffer } from 'node:stream/consumers';
import type { InvokeUrl } from '../apigateway/function-url.ts';
import type { ReadObject } from '../ports.ts';
import type { StoredAnswer } from './cache.ts';
import type { DistributionConfig } from './config.ts';

export interface OriginPorts {
  readonly readObject: ReadObject;
  readonly invokeUrl: InvokeUrl;
  /** The function whose URL has this host name. */
  readonly functionOf: (host: string) => string | undefined;
}

/** What an origin is asked, always with GET: a HEAD fills the cache for the GET that follows. */
export interface OriginRequest {
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
}

type Origin = DistributionConfig['Origins'][number];

const xml = (status: number, code: string, message: string): StoredAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  ),
});

/** The object key that a path names, or undefined for a path that is not well encoded. */
const keyOf = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    // Not UTF-8 in percent encoding.
    return undefined;
  }
};

const fromBucket = async (
  bucket: string,
  request: OriginRequest,
  { readObject }: OriginPorts,
): Promise<StoredAnswer> => {
  const key = keyOf(request.path);
  if (key === undefined) return xml(400, 'InvalidURI', 'Could not parse the specified URI.');
  const object = await readObject(bucket, key);
  // Origin access control may read but not list, so S3 does not tell "missing" from "forbidden".
  if (object === undefined) return xml(403, 'AccessDenied', 'Access Denied');
  return { status: object.status, headers: object.headers, body: await buffer(object.body) };
};

const fromFunction = async (
  name: string,
  request: OriginRequest,
  { invokeUrl }: OriginPorts,
): Promise<StoredAnswer> => {
  const { status, headers, body } = await invokeUrl(name, { ...request, method: 'GET' });
  return { status, headers, body };
};

/** S3 in its virtual-hosted form: `BUCKET.s3.REGION.amazonaws.com`. */
export const bucketOf = (host: string): string | undefined => /^(.+)\.s3[.-]/.exec(host)?.[1];

const fetchOrigin = (origin: Origin, request: OriginRequest, ports: OriginPorts): Promise<StoredAnswer> => {
  const path = { ...request, path: `${origin.OriginPath}${request.path}` };
  const name = ports.functionOf(origin.DomainName);
  if (name !== undefined) return fromFunction(name, path, ports);
  const bucket = bucketOf(origin.DomainName);
  if (bucket !== undefined) return fromBucket(bucket, path, ports);
  return Promise.resolve(xml(502, 'BadGateway', `No origin here has the name ${origin.DomainName}`));
};

/** The origins to ask in turn, and the statuses on which the next one is asked. */
const candidates = (config: DistributionConfig): { origins: Origin[]; failover: ReadonlySet<number> } => {
  const target = config.DefaultCacheBehavior.TargetOriginId;
  const group = config.OriginGroups?.Items.find(({ Id }) => Id === target);
  const ids = group?.Members.Items.map(({ OriginId }) => OriginId) ?? [target];
  const origins = ids.flatMap((id) => config.Origins.filter((origin) => origin.Id === id));
  return { origins, failover: new Set(group?.FailoverCriteria.StatusCodes.Items ?? []) };
};

/** Asks the behaviour's origin or, for an origin group, its members in order until one answers with a status that is not failed over. */
export const fetchFromOrigins = async (
  config: DistributionConfig,
  request: OriginRequest,
  ports: OriginPorts,
): Promise<StoredAnswer> => {
  const { origins, failover } = candidates(config);
  let answer = xml(502, 'BadGateway', 'The distribution has no such origin');
  for (const origin of origins) {
    answer = await fetchOrigin(origin, request, ports);
    if (!failover.has(answer.status)) return answer;
  }
  return answer;
};
