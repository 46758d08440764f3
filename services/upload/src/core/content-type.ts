import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { rejectCodes } from '@darkroom/types/codes';
import { limits } from '@darkroom/types/limits';

const ACCEPTED: ReadonlySet<string> = new Set(limits.validate.acceptedFormats.map((format) => `image/${format}`));

/** Names that phones and old browsers use for a registered type. */
const ALIASES: Readonly<Record<string, string>> = { 'image/jpg': 'image/jpeg', 'image/pjpeg': 'image/jpeg' };

/** HEVC-coded stills: no decoder here, so the client is told before it sends megabytes. */
const HEIC = /^image\/hei[cf](-sequence)?$/;

/**
 * The registered media type of what a client says it sends. The bytes decide later; this only saves a wasted upload.
 * Throws UNSUPPORTED_FORMAT with a sentence that says what to send instead.
 */
export const acceptContentType = (declared: string): string => {
  const type = declared.trim().toLowerCase();
  const known = ALIASES[type] ?? type;
  if (ACCEPTED.has(known)) return known;
  if (HEIC.test(known)) throw new DarkroomError('UNSUPPORTED_FORMAT', rejectCodes.HEIC_UNSUPPORTED);
  throw new DarkroomError(
    'UNSUPPORTED_FORMAT',
    expected(`one of ${[...ACCEPTED].join(', ')}`, 'contentType', declared),
  );
};
