import { parseVariantKey } from '@darkroom/types/keys';
import type { DeleteVariant, FindImage, HeadVariant, ReplaceVariant } from '../ports.ts';
import { isShown, type RenderPorts, renderOne } from './render-variant.ts';
import { withEffort } from './effort.ts';

export interface ReencodePorts extends RenderPorts {
  readonly findImage: FindImage;
  readonly headVariant: HeadVariant;
  readonly replaceVariant: ReplaceVariant;
  readonly deleteVariant: DeleteVariant;
  /** libaom's effort, 0 to 9, and what is added to the quality with it; see `withEffort`. */
  readonly effort: number;
  readonly qualityOffset: number;
}

/**
 * `smaller`: the store holds fewer bytes of the same picture. `kept`: the better coding was not smaller. `done`: it was coded so
 * before. `gone`: image or file are not there (any more), or changed meanwhile: there is nothing to do.
 */
export type Reencoded =
  | { readonly outcome: 'smaller' | 'kept'; readonly before: number; readonly after: number }
  | { readonly outcome: 'done' | 'gone' };

/**
 * Codes one stored AVIF again with high effort and puts it in the place of what is there, if it is smaller. The key stays: it is
 * the same picture as similar to the original, and whoever holds the old bytes may keep them. Safe to repeat at any point. Throws
 * ImageRejected when the original cannot be decoded any more, and the ports' errors.
 */
export const reencode = async (ports: ReencodePorts, key: string): Promise<Reencoded> => {
  const name = parseVariantKey(key);
  const stored = await ports.headVariant(key);
  if (name?.format !== 'avif' || stored === undefined) return { outcome: 'gone' };
  if (stored.effort >= ports.effort) return { outcome: 'done' };
  const image = await ports.findImage(name.imageId);
  if (!isShown(image, name.version)) return { outcome: 'gone' };
  const data = await renderOne(
    { ...ports, ladder: withEffort(ports.ladder, ports.effort, ports.qualityOffset) },
    image,
    name,
  );
  const sizes = { before: stored.bytes, after: data.length };
  if (data.length >= stored.bytes) return { outcome: 'kept', ...sizes };
  const facts = { format: name.format, etag: stored.etag, effort: ports.effort };
  if (!(await ports.replaceVariant(key, data, facts))) return { outcome: 'gone' };
  // Deleted while it was being coded: the purge may have looked before the write.
  if (isShown(await ports.findImage(name.imageId), name.version)) return { outcome: 'smaller', ...sizes };
  await ports.deleteVariant(key);
  return { outcome: 'gone' };
};
