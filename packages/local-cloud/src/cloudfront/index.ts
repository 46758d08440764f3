import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type * as z from 'zod';
import { listen } from '../apigateway/listen.ts';
import type { PutObject } from '../ports.ts';
import { AwsError, type CloudContext } from '../service.ts';
import { type AccessLog, createAccessLog } from './access-log.ts';
import { createEdgeCache } from './cache.ts';
import { cachePolicySchema, type DistributionConfig, distributionConfigSchema } from './config.ts';
import { type Counters, createViewerHandler } from './distribution.ts';
import { headersPolicySchema } from './headers-policy.ts';
import { bucketOf, type OriginPorts } from './origins.ts';
import { compileViewerFunction, type ViewerFunction } from './viewer-function.ts';

/** A distribution with what it refers to, in CloudFormation's property shapes, all references resolved. */
export interface DistributionDeployment {
  /** `DistributionConfig`. */
  readonly config: unknown;
  /** Code of CloudFront Functions, by the ARN that the associations use. */
  readonly functions: ReadonlyMap<string, string>;
  /** `CachePolicyConfig` by id, `ResponseHeadersPolicyConfig` by id. */
  readonly cachePolicies: ReadonlyMap<string, object>;
  readonly responseHeadersPolicies: ReadonlyMap<string, object>;
  /** Names of all functions that have a URL: an origin of that host goes to the function. */
  readonly functionNames: readonly string[];
}

export interface CloudFront {
  /** Puts a distribution in front of its origins; a later call replaces it. Throws AwsError for a configuration that cannot be served. */
  readonly deploy: (deployment: DistributionDeployment) => void;
  /** Listens on loopback. Resolves with the port. @throws CloudError PORT_IN_USE */
  readonly listen: (port: number, strict: boolean) => Promise<number>;
  /** Forgets every answer whose path starts with the prefix (an invalidation of `prefix*`). Answers how many were held. */
  readonly invalidate: (prefix: string) => number;
  readonly stats: () => Record<string, unknown>;
  readonly close: () => Promise<void>;
}

/** What an association or a behaviour names; undefined where it names nothing. @throws AwsError InvalidArgument */
const part = <T>(map: ReadonlyMap<string, T>, id: string | undefined, what: string): T | undefined => {
  if (id === undefined) return undefined;
  const found = map.get(id);
  if (found === undefined)
    throw new AwsError('InvalidArgument', `expected a ${what} of the loaded services but received ${id}`);
  return found;
};

/** Reads a part of a template. @throws AwsError InvalidArgument, one sentence that names every field that is wrong */
const read = <T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new AwsError(
    'InvalidArgument',
    `expected a ${what} that the embedded CDN serves but received one with ${problems}`,
  );
};

export interface CloudFrontPorts extends Omit<OriginPorts, 'functionOf'> {
  /** Where access logs go. Without it a distribution that asks for them is served, and not logged. */
  readonly putObject?: PutObject;
}

/** CloudFront for one distribution: serve-edge's. */
export const createCloudFront = (context: CloudContext, { putObject, ...ports }: CloudFrontPorts): CloudFront => {
  const cache = createEdgeCache(context.now);
  const counters: Counters = { requests: 0, hits: 0, misses: 0, refreshHits: 0, generated: 0, errors: 0, bytes: 0 };
  let handler: ReturnType<typeof createViewerHandler> | undefined;
  let accessLog: AccessLog | undefined;

  const accessLogOf = ({ Logging }: DistributionConfig): AccessLog | undefined => {
    const bucket = Logging && bucketOf(Logging.Bucket);
    if (Logging === undefined || bucket === undefined || putObject === undefined) return undefined;
    return createAccessLog(
      context,
      { bucket, prefix: Logging.Prefix, includeCookies: Logging.IncludeCookies },
      putObject,
    );
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (handler !== undefined) return handler(request, response);
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ code: 'NOT_FOUND', message: 'expected a service with a distribution but none is loaded' }),
    );
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      context.log('error', 'the CDN failed', {
        path: request.url,
        error: error instanceof Error ? error.stack : String(error),
      });
      if (!response.headersSent)
        response.writeHead(502, { 'content-type': 'application/json', 'x-cache': 'Error from cloudfront' });
      response.end(JSON.stringify({ code: 'UNAVAILABLE', message: 'the origin could not be asked' }));
    });
  });

  return {
    deploy: (deployment) => {
      const config = read(distributionConfigSchema, deployment.config, 'distribution');
      const { CachePolicyId, ResponseHeadersPolicyId, FunctionAssociations } = config.DefaultCacheBehavior;
      const compiled = (type: 'viewer-request' | 'viewer-response'): ViewerFunction | undefined => {
        const arn = FunctionAssociations.find(({ EventType }) => EventType === type)?.FunctionARN;
        const code = part(deployment.functions, arn, 'CloudFront Function');
        return code === undefined ? undefined : compileViewerFunction(type, code);
      };
      const cachePolicy = part(deployment.cachePolicies, CachePolicyId, 'cache policy');
      const headersPolicy = part(
        deployment.responseHeadersPolicies,
        ResponseHeadersPolicyId,
        'response headers policy',
      );
      const functionOf = (host: string): string | undefined => {
        const [label] = host.split('.');
        // Host names have no case; function names do.
        return host.includes('.lambda-url.')
          ? deployment.functionNames.find((name) => name.toLowerCase() === label?.toLowerCase())
          : undefined;
      };
      accessLog = accessLogOf(config);
      handler = createViewerHandler(
        {
          config,
          cachePolicy: cachePolicy && read(cachePolicySchema, cachePolicy, 'cache policy'),
          headersPolicy: headersPolicy && read(headersPolicySchema, headersPolicy, 'response headers policy'),
          viewerRequest: compiled('viewer-request'),
          viewerResponse: compiled('viewer-response'),
        },
        { context, cache, counters, accessLog, ports: { ...ports, functionOf } },
      );
    },
    listen: (port, strict) => listen(server, { port, strict, what: 'the CDN' }),
    invalidate: (prefix) => cache.drop((key) => String((JSON.parse(key) as unknown[])[0]).startsWith(prefix)),
    stats: () => ({ ...counters, cache: cache.stats() }),
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await accessLog?.flush();
    },
  };
};
