import * as z from 'zod';

const number = z.coerce.number();
const boolean = z.union([z.boolean(), z.stringbool()]);
const quantity = <T extends z.ZodType>(item: T) => z.object({ Items: z.array(item) });
/** Whether a header of the policy wins over the origin's. */
const override = { Override: boolean.default(true) };

export const headersPolicySchema = z.object({
  SecurityHeadersConfig: z
    .object({
      ContentTypeOptions: z.object(override).optional(),
      ContentSecurityPolicy: z.object({ ContentSecurityPolicy: z.string(), ...override }).optional(),
      FrameOptions: z.object({ FrameOption: z.string(), ...override }).optional(),
      ReferrerPolicy: z.object({ ReferrerPolicy: z.string(), ...override }).optional(),
      StrictTransportSecurity: z
        .object({
          AccessControlMaxAgeSec: number,
          IncludeSubdomains: boolean.default(false),
          Preload: boolean.default(false),
          ...override,
        })
        .optional(),
    })
    .default({}),
  CustomHeadersConfig: quantity(z.object({ Header: z.string(), Value: z.string(), ...override })).default({
    Items: [],
  }),
  RemoveHeadersConfig: quantity(z.object({ Header: z.string() })).default({ Items: [] }),
  CorsConfig: z
    .object({
      AccessControlAllowOrigins: quantity(z.string()),
      AccessControlAllowMethods: quantity(z.string()),
      AccessControlExposeHeaders: quantity(z.string()).optional(),
      OriginOverride: boolean.default(true),
    })
    .optional(),
});
export type HeadersPolicy = z.infer<typeof headersPolicySchema>;

type Headers = Readonly<Record<string, string>>;
/** A header that a policy adds; undefined for one it does not configure. */
type Added = readonly [name: string, value: string, override: boolean] | undefined;

function securityHeaders({
  ContentTypeOptions: type,
  ContentSecurityPolicy: content,
  FrameOptions: frame,
  ReferrerPolicy: referrer,
  StrictTransportSecurity: transport,
}: HeadersPolicy['SecurityHeadersConfig']): Added[] {
  const { AccessControlMaxAgeSec: age, IncludeSubdomains: subdomains, Preload: preload } = transport ?? {};
  const hsts = `max-age=${String(age)}${subdomains === true ? '; includeSubDomains' : ''}${preload === true ? '; preload' : ''}`;
  return [
    type && ['x-content-type-options', 'nosniff', type.Override],
    content && ['content-security-policy', content.ContentSecurityPolicy, content.Override],
    frame && ['x-frame-options', frame.FrameOption, frame.Override],
    referrer && ['referrer-policy', referrer.ReferrerPolicy, referrer.Override],
    transport && ['strict-transport-security', hsts, transport.Override],
  ];
}

function corsHeaders(cors: HeadersPolicy['CorsConfig'], origin: string | undefined): Added[] {
  // CloudFront adds CORS headers only to answers for requests that carry an Origin.
  if (cors === undefined || origin === undefined) return [];
  const origins = cors.AccessControlAllowOrigins.Items;
  const isAny = origins.includes('*');
  if (!isAny && !origins.includes(origin)) return [];
  const exposed = cors.AccessControlExposeHeaders?.Items.join(', ');
  return [
    ['access-control-allow-origin', isAny ? '*' : origin, cors.OriginOverride],
    exposed === undefined ? undefined : ['access-control-expose-headers', exposed, cors.OriginOverride],
  ];
}

/**
 * An answer's headers after a response headers policy: what it removes goes, what it adds wins where it says so.
 * @param headers lower-case names
 * @param origin the viewer's Origin header
 */
export function applyHeadersPolicy(
  headers: Headers,
  policy: HeadersPolicy | undefined,
  origin: string | undefined,
): Record<string, string> {
  if (policy === undefined) return { ...headers };
  const removed = new Set(policy.RemoveHeadersConfig.Items.map(({ Header }) => Header.toLowerCase()));
  const result = Object.fromEntries(Object.entries(headers).filter(([name]) => !removed.has(name)));
  const custom = policy.CustomHeadersConfig.Items.map(
    ({ Header, Value, Override }): Added => [Header.toLowerCase(), Value, Override],
  );
  const added = [
    ...securityHeaders(policy.SecurityHeadersConfig),
    ...custom,
    ...corsHeaders(policy.CorsConfig, origin),
  ];
  for (const header of added) {
    if (header === undefined) continue;
    const [name, value, wins] = header;
    if (wins || result[name] === undefined) result[name] = value;
  }
  return result;
}
