/** Names that Darkroom writes itself and the pipeline believes: a client may not set them. */
const RESERVED: ReadonlySet<string> = new Set(['tenant', 'owner', 'filename', 'sha256']);

/** What may stand in the name of an HTTP header, as far as anybody uses it in metadata (RFC 9110 §5.6.2). */
const NAME = /^[\w.-]+$/;

/** S3's limit for all user metadata of an object: names and values in UTF-8 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html). */
const MAX_METADATA_BYTES = 2_048;

/** A value for a header: RFC 2047 §4.1, as Companion writes it, unless it is printable ASCII. */
export const encodedWord = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

const bytesOf = (name: string, value: string): number => Buffer.byteLength(name) + Buffer.byteLength(value);

/** Null, numbers and the rest become text as JSON writes them. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * Darkroom's own metadata with as much of a client's as S3 takes beside it, in the client's order. What does not fit, has a name
 * that is no header's, or one of Darkroom's own, is left out: an upload never fails for its metadata. `encode` writes values.
 */
export const withClientMetadata = (
  own: Readonly<Record<string, string>>,
  given: readonly (readonly [name: string, value: unknown])[],
  encode: (text: string) => string,
): Record<string, string> => {
  let room = MAX_METADATA_BYTES - Object.entries(own).reduce((sum, [name, value]) => sum + bytesOf(name, value), 0);
  const taken = new Set(RESERVED);
  const kept = given.flatMap(([name, value]) => {
    const text = encode(textOf(value));
    const size = bytesOf(name, text);
    // S3 folds names to lower case, so two that differ in case only are one.
    const folded = name.toLowerCase();
    if (!NAME.test(name) || taken.has(folded) || size > room) return [];
    room -= size;
    taken.add(folded);
    return [[name, text] as const];
  });
  return { ...Object.fromEntries(kept), ...own };
};
