import { type RejectCode, rejectCodes } from '../codes.ts';

/** What the first 64 KiB cannot show: it takes the whole file, or a decoder, to see. */
const LATER: ReadonlySet<string> = new Set<RejectCode>([
  'CHECKSUM_MISMATCH',
  'EMPTY_FILE',
  'SECURITY_LIMIT',
  'TOO_COMPLEX',
  'TOO_MANY_BYTES',
]);

/** Reject codes that an upload can be refused with as soon as its first bytes are there. */
export const verdictCodes = (Object.keys(rejectCodes) as RejectCode[]).filter((code) => !LATER.has(code));
