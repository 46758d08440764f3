import type { RejectCode } from '@darkroom/types/codes';

/** What the owner of the files can do about each reason: one sentence. */
const rejected: Readonly<Record<RejectCode, string>> = {
  EMPTY_FILE: 'Copy the file again from where it came: it holds nothing.',
  UNSUPPORTED_FORMAT: 'Convert it to JPEG, PNG, WebP, AVIF, HEIC or GIF, and check that it is an image at all.',
  HEIC_UNSUPPORTED: 'Export it as JPEG, or set the phone to "Most Compatible".',
  CORRUPT_HEADER: 'Copy it again from the camera or phone; if viewers cannot open it either, it is damaged.',
  TRUNCATED_OR_CORRUPT: 'Copy it again from where it came: this copy is cut off or damaged.',
  TOO_LARGE: 'Resize it: it has more pixels than its format may have here.',
  TOO_MANY_BYTES: 'Save it in a smaller size or quality.',
  TOO_MANY_FRAMES: 'Shorten the animation, or send it as a video elsewhere.',
  TOO_MANY_CHANNELS: 'Save it as RGB, or RGB with alpha.',
  TOO_COMPLEX: 'Save it again as a plain, not progressive or interlaced, file.',
  BAD_ASPECT: 'Cut it into pieces: it is too long and thin.',
  UNSUPPORTED_FEATURE: 'Save it again with ordinary settings (8 or 16 bits, no lossless JPEG).',
  SECURITY_LIMIT: 'Save it again with another program; the decoder holds this one for unsafe.',
  NOT_ALLOWED: 'Ask whoever runs this system: its rules do not allow what the picture shows.',
  CHECKSUM_MISMATCH: 'Run the same command again: the bytes changed on their way, or while they were read.',
};

const failed: Readonly<Record<string, string>> = {
  REVIEW: 'Wait for whoever reviews images here, or look at it yourself: POST /images/{id}/review.',
  INTERRUPTED: 'Run the same command again: what has arrived is not sent again.',
  NO_VERDICT: 'Run the same command again: it asks for the verdict, and sends nothing that has arrived.',
  INTERNAL:
    'Run the same command again; if it stays so, the log of the system (system.log in the data folder) tells more.',
  API_UNREACHABLE: 'See whether the system is up (`npm start -- status`) and run the same command again.',
  UNREACHABLE: 'See whether the system is up (`npm start -- status`) and run the same command again.',
  STALLED: 'Nothing moved for too long: run the same command again, with a longer --timeout on a slow link.',
  SOURCE_CHANGED: 'The file changed while it was sent: run the same command again when nobody writes to it.',
  TOKEN_EXPIRED: 'Start the system again, which makes a new token, and run the same command again.',
  TOO_MANY_REQUESTS: 'Run the same command again later, or with a smaller --concurrency.',
  UNAVAILABLE: 'Run the same command again later.',
};

const ADVICE: Readonly<Record<string, string>> = { ...failed, ...rejected };
const OTHERWISE = 'Run the same command again: what has arrived is not sent again.';

/** What to do about a reason code of a report: one sentence, for any code. */
export const adviceFor = (code: string): string =>
  Object.hasOwn(ADVICE, code) ? (ADVICE[code] ?? OTHERWISE) : OTHERWISE;
