import { nodes, text, texts, type XmlNode } from '../http/xml.ts';
import { s3Error } from '../errors.ts';

interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAge: string | undefined;
}

const METHODS = new Set(['GET', 'PUT', 'HEAD', 'POST', 'DELETE']);
const MAX_RULES = 100;

/** @throws AwsError MalformedXML, InvalidRequest for what S3 refuses to store. */
export function parseCors(document: XmlNode): CorsRule[] {
  const rules = nodes(document, 'CORSRule').map((rule) => ({
    origins: texts(rule, 'AllowedOrigin'),
    methods: texts(rule, 'AllowedMethod'),
    headers: texts(rule, 'AllowedHeader').map((name) => name.toLowerCase()),
    exposed: texts(rule, 'ExposeHeader'),
    maxAge: text(rule, 'MaxAgeSeconds'),
  }));
  if (rules.length === 0 || rules.length > MAX_RULES) throw s3Error('MalformedXML');
  for (const { origins, methods } of rules) {
    if (origins.length === 0 || methods.length === 0) throw s3Error('MalformedXML');
    const unknown = methods.find((method) => !METHODS.has(method));
    if (unknown !== undefined) {
      throw s3Error('InvalidRequest', {
        message: `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`,
      });
    }
    if (origins.some((origin) => origin.split('*').length > 2)) {
      throw s3Error('InvalidRequest', { message: 'AllowedOrigin can not have more than one wildcard.' });
    }
  }
  return rules;
}

/** One asterisk stands for any text. */
function fits(pattern: string, value: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === value;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return value.length >= head.length + tail.length && value.startsWith(head) && value.endsWith(tail);
}

export interface CorsQuestion {
  readonly origin: string;
  readonly method: string;
  /** Of a preflight: the headers that the page wants to send, in lower case. */
  readonly headers: readonly string[];
}

const VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method';

/** The headers of the first rule that allows the request; undefined when none does. */
export function corsHeaders(
  document: XmlNode,
  { origin, method, headers }: CorsQuestion,
): Record<string, string> | undefined {
  const rule = parseCors(document).find(
    (one) =>
      one.origins.some((pattern) => fits(pattern, origin)) &&
      one.methods.includes(method) &&
      headers.every((header) => one.headers.some((pattern) => fits(pattern, header))),
  );
  if (!rule) return undefined;
  const isAnyone = rule.origins.find((pattern) => fits(pattern, origin)) === '*';
  return {
    'access-control-allow-origin': isAnyone ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(isAnyone ? {} : { 'access-control-allow-credentials': 'true' }),
    ...(headers.length > 0 ? { 'access-control-allow-headers': headers.join(', ') } : {}),
    ...(rule.exposed.length > 0 ? { 'access-control-expose-headers': rule.exposed.join(', ') } : {}),
    ...(rule.maxAge === undefined ? {} : { 'access-control-max-age': rule.maxAge }),
    vary: VARY,
  };
}
