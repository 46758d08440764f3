import { DarkroomError } from '@darkroom/runtime/errors';
import { limits } from '@darkroom/types/limits';
import { acceptContentType } from '../content-type.ts';
import { bareEtag, type CompletedPart, MAX_PARTS } from '../parts.ts';

/** Companion's sentences, word for word (controllers/s3.ts of @uppy/companion): programs compare them. */
export const sentences = {
  filenameInQuery: 's3: the "filename" query parameter is required and must be a non-empty string',
  filenameInBody: 's3: the "filename" field is required and must be a non-empty string',
  type: 's3: content type must be a string',
  key: 's3: the object key must be passed as a query parameter. For example: "?key=abc.jpg"',
  partNumber: 's3: the part number must be a number between 1 and 10000.',
  partNumbers:
    's3: the part numbers must be passed as a comma separated query parameter. For example: "?partNumbers=4,6,7,21"',
  partNumbersRange: 's3: the part numbers must be a number between 1 and 10000.',
  parts: 's3: `parts` must be an array of {ETag, PartNumber} objects.',
  sts: 'This Companion server does not support STS credentials',
} as const;

/** INVALID_REQUEST with one of Companion's sentences. */
export const refused = (sentence: (typeof sentences)[keyof typeof sentences]): DarkroomError =>
  new DarkroomError('INVALID_REQUEST', sentence);

/** What Uppy tells about a file before it sends it. */
export interface CompanionFile {
  readonly filename: string;
  /** A type that Darkroom takes, or UNKNOWN_TYPE. */
  readonly contentType: string;
  /** Uppy's own metadata, by name, as it came. */
  readonly metadata: readonly (readonly [name: string, value: unknown])[];
}

/** RFC 2046 §4.5.1: bytes of a type that the sender does not know. Uppy says so when the browser has no type for a file. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/** `undefined` and `null` are what a query holds when Uppy 4 and 5 had no type to put there. */
const NO_TYPE: ReadonlySet<string> = new Set(['', 'undefined', 'null', UNKNOWN_TYPE]);

const contentTypeOf = (type: string): string => (NO_TYPE.has(type.trim()) ? UNKNOWN_TYPE : acceptContentType(type));

/** A name that is too long loses its beginning, as in Companion, so that its extension stays. */
const shortened = (filename: string): string => Array.from(filename).slice(-limits.upload.maxFilenameLength).join('');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const METADATA_NAME = /^metadata\[([^[\]]+)\]$/;

/** The query of `GET /params`. Throws INVALID_REQUEST, or UNSUPPORTED_FORMAT for a type that is refused anyway. */
export const parseParamsQuery = (query: URLSearchParams): CompanionFile => {
  const filename = query.get('filename');
  if (filename === null || filename === '') throw refused(sentences.filenameInQuery);
  const metadata = [...query].flatMap(([name, value]) => {
    const inner = METADATA_NAME.exec(name)?.[1];
    return inner === undefined ? [] : [[inner, value] as const];
  });
  return { filename: shortened(filename), contentType: contentTypeOf(query.get('type') ?? ''), metadata };
};

/** The body of `POST /multipart`. Throws INVALID_REQUEST, or UNSUPPORTED_FORMAT for a type that is refused anyway. */
export const parseMultipartBody = (body: unknown): CompanionFile => {
  const { filename, type, metadata } = isRecord(body) ? body : {};
  if (typeof filename !== 'string' || filename === '') throw refused(sentences.filenameInBody);
  if (typeof type !== 'string') throw refused(sentences.type);
  return {
    filename: shortened(filename),
    contentType: contentTypeOf(type),
    metadata: isRecord(metadata) ? Object.entries(metadata) : [],
  };
};

/** The `key` of a query. Throws INVALID_REQUEST without one. */
export const parseKey = (key: string | undefined): string => {
  if (key === undefined || key === '') throw refused(sentences.key);
  return key;
};

/** Decimal digits and nothing else: Companion's `parseInt` would take `7abc`. */
const numberIn = (text: string): number | undefined => {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= 1 && value <= MAX_PARTS ? value : undefined;
};

/** A part number in a path. Throws INVALID_REQUEST outside 1 to 10,000. */
export const parsePartNumber = (text: string): number => {
  const partNumber = numberIn(text);
  if (partNumber === undefined) throw refused(sentences.partNumber);
  return partNumber;
};

/** `partNumbers=1,2,3`, each once. Throws INVALID_REQUEST without one, or for a number outside 1 to 10,000. */
export const parsePartNumbers = (text: string | undefined): number[] => {
  if (text === undefined || text === '') throw refused(sentences.partNumbers);
  const numbers = text.split(',').map((each) => {
    const partNumber = numberIn(each.trim());
    if (partNumber === undefined) throw refused(sentences.partNumbersRange);
    return partNumber;
  });
  return [...new Set(numbers)];
};

const namedPart = (part: unknown): CompletedPart => {
  const { PartNumber, ETag } = isRecord(part) ? part : {};
  if (typeof PartNumber !== 'number' || typeof ETag !== 'string' || ETag === '') throw refused(sentences.parts);
  return { partNumber: parsePartNumber(String(PartNumber)), etag: bareEtag(ETag) };
};

/**
 * The parts of a complete call in order of their numbers, ETags without quotes. A part named twice alike counts once.
 * Throws INVALID_REQUEST for anything else than a list of parts, an empty one included.
 */
export const parseCompleteBody = (body: unknown): CompletedPart[] => {
  const { parts } = isRecord(body) ? body : {};
  if (!Array.isArray(parts) || parts.length === 0) throw refused(sentences.parts);
  const byNumber = new Map<number, CompletedPart>();
  for (const part of parts.map(namedPart)) {
    const held = byNumber.get(part.partNumber);
    if (held !== undefined && held.etag !== part.etag)
      throw new DarkroomError('INVALID_REQUEST', `expected one ETag for part ${part.partNumber} but received two`);
    byNumber.set(part.partNumber, part);
  }
  return [...byNumber.values()].sort((a, b) => a.partNumber - b.partNumber);
};
