import type { Limits } from '@darkroom/types/limits';

/** The limits of the upload API in force; see packages/types/data/limits.json for their units. */
export type UploadPolicy = Limits['upload'];

/** The limits of the data file with what the environment overrides. */
export const uploadPolicy = (
  base: UploadPolicy,
  overrides: { maxBytes: number; presignedSeconds: number },
): UploadPolicy => ({ ...base, ...overrides });

/** An instant as the API writes it: ISO 8601 in UTC with milliseconds. */
export const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();
