import { createHash } from 'node:crypto';

/** Lower-case hex SHA-256. */
export const sha256Hex = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

/**
 * The version in every variant's URL: the first 12 hex digits of SHA-256 over `{sha256 of the original}:{ladder revision}`.
 * Other bytes or another ladder make another version, so that a URL never changes its meaning.
 */
export const variantVersion = (sha256: string, ladderRevision: number): string =>
  sha256Hex(`${sha256}:${ladderRevision}`).slice(0, 12);
