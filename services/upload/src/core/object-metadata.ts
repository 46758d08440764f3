import type { UploadClaims } from '@darkroom/types/tokens';

/** S3 keeps at most 2 KB of user metadata; names, tenant, owner and digest take under 350 bytes of it. */
const MAX_ENCODED_FILENAME = 1_024;

/**
 * A file name as ASCII for `x-amz-meta-filename`: percent-encoded UTF-8. A name that is too long loses its beginning,
 * so that the extension stays, and never half a character.
 */
export const encodeFilename = (filename: string): string => {
  const characters = Array.from(filename.toWellFormed(), (character) => encodeURIComponent(character));
  let room = MAX_ENCODED_FILENAME;
  let first = characters.length;
  while (first > 0) {
    room -= characters[first - 1]?.length ?? 0;
    if (room < 0) break;
    first -= 1;
  }
  return characters.slice(first).join('');
};

/** What S3 keeps beside the bytes: the pipeline learns from it whose image this is, without any database. */
export const objectMetadata = (
  claims: Pick<UploadClaims, 'tenant' | 'owner' | 'filename' | 'sha256'>,
): Record<string, string> => ({
  tenant: claims.tenant,
  ...(claims.owner !== null && { owner: claims.owner }),
  ...(claims.filename !== null && { filename: encodeFilename(claims.filename) }),
  ...(claims.sha256 !== null && { sha256: claims.sha256 }),
});
