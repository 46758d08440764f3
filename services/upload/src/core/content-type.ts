import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { limits } from '@darkroom/types/limits';

const ACCEPTED: ReadonlySet<string> = new Set(limits.validate.acceptedFormats.map((format) => `image/${format}`));

/** Other names of what is taken: those that phones and old browsers use, and those of kinds that are taken as their stills. */
const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/apng': 'image/png',
  'image/vnd.mozilla.apng': 'image/png',
  'image/heif': 'image/heic',
  'image/heic-sequence': 'image/heic',
  'image/heif-sequence': 'image/heic',
};

/**
 * The registered media type of what a client says it sends. The bytes decide later; this only saves a wasted upload.
 * Throws UNSUPPORTED_FORMAT with a sentence that says what is taken.
 */
export const acceptContentType = (declared: string): string => {
  const type = declared.trim().toLowerCase();
  const known = ALIASES[type] ?? type;
  if (ACCEPTED.has(known)) return known;
  throw new DarkroomError(
    'UNSUPPORTED_FORMAT',
    expected(`one of ${[...ACCEPTED].join(', ')}`, 'contentType', declared),
  );
};
