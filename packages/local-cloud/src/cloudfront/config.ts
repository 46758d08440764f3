import * as z from 'zod';

/** Templates write numbers as text as often as not. */
const number = z.coerce.number();
const quantity = <T extends z.ZodType>(item: T) => z.object({ Items: z.array(item) });

/** What would change answers and is not emulated: better refused than left out in silence. */
const notServed = z.undefined({ error: 'is not served by the embedded CDN' });

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
  CacheBehaviors: notServed.optional(),
  DefaultCacheBehavior: z.object({
    TargetOriginId: z.string(),
    AllowedMethods: z.array(z.string()).default(['GET', 'HEAD']),
    CachePolicyId: z.string().optional(),
    ResponseHeadersPolicyId: z.string().optional(),
    OriginRequestPolicyId: notServed.optional(),
    LambdaFunctionAssociations: notServed.optional(),
    FunctionAssociations: z
      .array(z.object({ EventType: z.enum(['viewer-request', 'viewer-response']), FunctionARN: z.string() }))
      .default([]),
  }),
  /** Standard logging (legacy). */
  Logging: z
    .object({
      /** `BUCKET.s3.amazonaws.com` or its regional form. */
      Bucket: z.string(),
      Prefix: z.string().default(''),
      IncludeCookies: z.union([z.boolean(), z.stringbool()]).default(false),
    })
    .optional(),
  CustomErrorResponses: z
    .array(
      z.object({
        ErrorCode: number,
        ErrorCachingMinTTL: number.default(10),
        ResponsePagePath: z.string().optional(),
        ResponseCode: number.optional(),
      }),
    )
    .default([]),
});
export type DistributionConfig = z.infer<typeof distributionConfigSchema>;

const names = z.array(z.string()).default([]);
const behaviour = z.string().default('none');

export const cachePolicySchema = z.object({
  MinTTL: number.default(0),
  DefaultTTL: number.default(86_400),
  MaxTTL: number.default(31_536_000),
  ParametersInCacheKeyAndForwardedToOrigin: z.object({
    HeadersConfig: z
      .object({ HeaderBehavior: behaviour, Headers: names })
      .transform((given) => ({ behaviour: given.HeaderBehavior, names: given.Headers })),
    QueryStringsConfig: z
      .object({ QueryStringBehavior: behaviour, QueryStrings: names })
      .transform((given) => ({ behaviour: given.QueryStringBehavior, names: given.QueryStrings })),
    CookiesConfig: z
      .object({ CookieBehavior: behaviour, Cookies: names })
      .transform((given) => ({ behaviour: given.CookieBehavior, names: given.Cookies })),
  }),
});
export type CachePolicy = z.infer<typeof cachePolicySchema>;
