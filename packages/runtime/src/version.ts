import { createHash } from 'node:crypto';

/**
 * The version in every variant's URL: the first 12 hex digits of SHA-256 over `{sha256 of the original}:{ladder revision}`.
 * Other bytes or another ladder make another version, so that a URL never changes its meaning.
 */
export const variantVersion = (sha256: string, ladderRevision: number): string =>
  createHash('sha256').update(`${sha256}:${ladderRevision}`).digest('hex').slice(0, 12);

/** True for a version that the same original had under an earlier revision of the ladder. */
export const isFormerVersion = (version: string, sha256: string, ladderRevision: number): boolean => {
  for (let revision = ladderRevision - 1; revision >= 0; revision -= 1)
    if (variantVersion(sha256, revision) === version) return true;
  return false;
};
