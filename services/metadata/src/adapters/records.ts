import { type ImageRecord, imageRecordSchema } from '@darkroom/types/image';

/** Thrown when the catalogue holds something that is not an image record. */
export class MalformedRecordError extends Error {
  override readonly name = 'MalformedRecordError';
}

const idOf = (item: unknown): string =>
  typeof item === 'object' && item !== null && 'imageId' in item ? String(item.imageId) : 'unknown';

/** An item as a record. Throws MalformedRecordError naming the fields that are wrong. */
export const parseRecord = (item: unknown): ImageRecord => {
  const result = imageRecordSchema.safeParse(item);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new MalformedRecordError(`expected an image record for ${idOf(item)} but received one with ${issues}`);
};
