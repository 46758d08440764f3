import * as z from 'zod';

/** Templates write numbers and booleans as text as often as not. */
const number = z.coerce.number();
const boolean = z.union([z.boolean(), z.stringbool()]);
const quantity = <T extends z.ZodType>(item: T) => z.object({ Items: z.array(item) });

/** The part of CloudFormation's DistributionConfig that is acted on; the rest is about networks that are not here. */
export const distributionConfigSchema = z.object({
  Origins: z.array(z.object({ Id: z.string(), DomainName: z.string(), OriginPath: z.string().default('') })),
  OriginGroups: quantity(
    z.object({
      Id: z.string(),
      FailoverCriteria: z.object({ StatusCodes: quantity(number) }),
      Members: quantity(z.object({ OriginId: z.string() })),
    }),
  ).optional(),
  DefaultCacheBehavior: z.object({
    TargetOriginId: z.string(),
    AllowedMethods: z.array(z.string()).default(['GET', 'HEAD']),
    CachePolicyId: z.string().optional(),
    ResponseHeadersPolicyId: z.string().optional(),
    FunctionAssociations: z
      .array(z.object({ EventType: z.enum(['viewer-request', 'viewer-response']), FunctionARN: z.string() }))
      .default([]),
  }),
  CustomErrorResponses: z.array(z.object({ ErrorCode: number, ErrorCachingMinTTL: number.default(10) })).default([]),
});
export type DistributionConfig = z.infer<typeof distributionConfigSchema>;

const whitelist = (behaviour: string, list: string) =>
  z.object({ [behaviour]: z.string().default('none'), [list]: z.array(z.string()).default([]) });

export const cachePolicySchema = z.object({
  MinTTL: number.default(0),
  DefaultTTL: number.default(86_400),
  MaxTTL: number.default(31_536_000),
  ParametersInCacheKeyAndForwardedToOrigin: z.object({
    HeadersConfig: whitelist('HeaderBehavior', 'Headers'),
    QueryStringsConfig: whitelist('QueryStringBehavior', 'QueryStrings'),
    CookiesConfig: whitelist('CookieBehavior', 'Cookies'),
  }),
});
export type CachePolicy = z.infer<typeof cachePolicySchema>;

export const headersPolicySchema = z.object({
  SecurityHeadersConfig: z
    .object({
      ContentTypeOptions: z.object({}).optional(),
      ContentSecurityPolicy: z.object({ ContentSecurityPolicy: z.string() }).optional(),
      FrameOptions: z.object({ FrameOption: z.string() }).optional(),
      ReferrerPolicy: z.object({ ReferrerPolicy: z.string() }).optional(),
      StrictTransportSecurity: z
        .object({ AccessControlMaxAgeSec: number, IncludeSubdomains: boolean.default(false) })
        .optional(),
    })
    .optional(),
  CustomHeadersConfig: quantity(z.object({ Header: z.string(), Value: z.string() })).optional(),
  CorsConfig: z
    .object({
      AccessControlAllowOrigins: quantity(z.string()),
      AccessControlAllowMethods: quantity(z.string()),
      AccessControlExposeHeaders: quantity(z.string()).optional(),
    })
    .optional(),
});
export type HeadersPolicy = z.infer<typeof headersPolicySchema>;

const securityHeaders = (
  security: NonNullable<HeadersPolicy['SecurityHeadersConfig']>,
): Record<string, string | undefined> => ({
  'x-content-type-options': security.ContentTypeOptions && 'nosniff',
  'content-security-policy': security.ContentSecurityPolicy?.ContentSecurityPolicy,
  'x-frame-options': security.FrameOptions?.FrameOption,
  'referrer-policy': security.ReferrerPolicy?.ReferrerPolicy,
  'strict-transport-security':
    security.StrictTransportSecurity &&
    `max-age=${security.StrictTransportSecurity.AccessControlMaxAgeSec}${security.StrictTransportSecurity.IncludeSubdomains ? '; includeSubDomains' : ''}`,
});

const corsHeaders = (
  cors: NonNullable<HeadersPolicy['CorsConfig']>,
  origin: string | undefined,
): Record<string, string | undefined> => {
  const origins = cors.AccessControlAllowOrigins.Items;
  const any = origins.includes('*');
  // CloudFront adds CORS headers only to requests that carry an Origin.
  if (origin === undefined || (!any && !origins.includes(origin))) return {};
  return {
    'access-control-allow-origin': any ? '*' : origin,
    'access-control-expose-headers': cors.AccessControlExposeHeaders?.Items.join(', '),
  };
};

/** The headers a response-headers policy adds, lower-case; `origin` is the viewer's Origin header. */
export const policyHeaders = (
  policy: HeadersPolicy | undefined,
  origin: string | undefined,
): Record<string, string> => {
  const custom = Object.fromEntries(
    (policy?.CustomHeadersConfig?.Items ?? []).map(({ Header, Value }) => [Header.toLowerCase(), Value]),
  );
  const all = {
    ...(policy?.SecurityHeadersConfig && securityHeaders(policy.SecurityHeadersConfig)),
    ...custom,
    ...(policy?.CorsConfig && corsHeaders(policy.CorsConfig, origin)),
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
};
