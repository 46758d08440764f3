import { createHash, timingSafeEqual } from 'node:crypto';
import { DarkroomError, expected } from '@darkroom/runtime/errors';

/** tus 1.0, Checksum: "The Server MUST support at least the SHA1 checksum algorithm identified by sha1." */
export const CHECKSUM_ALGORITHMS = ['sha1', 'sha256', 'sha512', 'md5'] as const;

/** tus 1.0, Checksum: "460 Checksum Mismatch". */
const CHECKSUM_MISMATCH_STATUS = 460;

const algorithmOf = (name: string) => CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name);

const invalid = (header: string): DarkroomError =>
  new DarkroomError(
    'INVALID_REQUEST',
    expected(
      `one of ${CHECKSUM_ALGORITHMS.join(', ')}, a space and the Base64 of the digest`,
      'Upload-Checksum',
      header,
    ),
  );

/** Checks a body against `Upload-Checksum`. Throws INVALID_REQUEST for an unknown algorithm, CHECKSUM_MISMATCH with status 460. */
export const verifyUploadChecksum = (header: string, body: Uint8Array): void => {
  const [name = '', encoded = '', ...rest] = header.trim().split(' ');
  const algorithm = algorithmOf(name.toLowerCase());
  if (algorithm === undefined || encoded === '' || rest.length > 0) throw invalid(header);
  const wanted = Buffer.from(encoded, 'base64');
  const actual = createHash(algorithm).update(body).digest();
  if (wanted.length === actual.length && timingSafeEqual(wanted, actual)) return;
  throw new DarkroomError('CHECKSUM_MISMATCH', expected(`the ${algorithm} of the body`, 'Upload-Checksum', encoded), {
    status: CHECKSUM_MISMATCH_STATUS,
  });
};
