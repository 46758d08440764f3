/** Fields of draft-ietf-httpbis-resumable-upload-11, as Structured Fields (RFC 9651) hold them. */

/** Parameters are allowed on every Item and mean nothing here (RFC 9651 §3.3). */
const BOOLEAN = /^\?([01])\s*(;.*)?$/;
const INTEGER = /^(\d{1,15})\s*(;.*)?$/;
/** One member of a Dictionary whose value is a Byte Sequence (RFC 9651 §3.3.5). */
const SHA_256 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/;

/** A Boolean; undefined for anything else: "Other values MUST cause the entire header field to be ignored" (§4.1.2). */
export const parseBoolean = (field: string | undefined): boolean | undefined => {
  const [, digit] = BOOLEAN.exec(field?.trim() ?? '') ?? [];
  return digit === undefined ? undefined : digit === '1';
};

/** A non-negative Integer; undefined for anything else, which §4.1.1 and §4.1.3 tell to ignore. */
export const parseInteger = (field: string | undefined): number | undefined => {
  const [, digits] = INTEGER.exec(field?.trim() ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits);
};

/** The SHA-256 in a `Repr-Digest` or `Content-Digest` field (RFC 9530), as hex; undefined without one. */
export const parseSha256 = (field: string | undefined): string | undefined => {
  const [, encoded] = SHA_256.exec(field ?? '') ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('hex');
};

export const booleanField = (value: boolean): string => (value ? '?1' : '?0');

/** `Upload-Limit` (§4.1.4): sizes in bytes, `maxAge` in seconds. */
export const limitField = (limit: { maxSize: number; maxAppendSize: number; maxAge?: number }): string => {
  const members = [`max-size=${limit.maxSize}`, `max-append-size=${limit.maxAppendSize}`];
  return [...members, ...(limit.maxAge === undefined ? [] : [`max-age=${limit.maxAge}`])].join(', ');
};

/** `filename*=UTF-8''a%20b.jpg` (RFC 8187 §3.2). */
const EXTENDED_NAME = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i;
/** `filename="a \"b\".jpg"` or `filename=a.jpg` (RFC 6266 §4.1). */
const PLAIN_NAME = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i;

const decoded = (name: string): string | undefined => {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined; // Not UTF-8 in percent signs: the plain name beside it counts, or none.
  }
};

/** The file name in `Content-Disposition`; the extended form wins (RFC 6266 §4.3). */
export const parseFilename = (disposition: string | undefined): string | undefined => {
  const [, extended] = EXTENDED_NAME.exec(disposition ?? '') ?? [];
  const name = extended === undefined ? undefined : decoded(extended);
  if (name !== undefined) return name;
  const [, quoted, bare] = PLAIN_NAME.exec(disposition ?? '') ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
};
