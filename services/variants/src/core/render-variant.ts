import type { ImageHeader, ImageMetadata, ImageRecord } from '@darkroom/types/image';
import { parseVariantKey, type VariantName, variantKey } from '@darkroom/types/keys';
import type { Ladder } from '@darkroom/types/ladder';
import { pixelSourceOf } from '@darkroom/types/workflow';
import type { DeleteVariant, FindImage, PutVariant, ReadOriginal } from '../ports.ts';
import { canonicalRung, fitPixels } from './plan.ts';
import { renderSet } from './render.ts';

/**
 * Largest file answered in place, in bytes: Lambda takes 6 MiB of answer, and base64 makes four bytes of three.
 * Anything larger is stored, and the client sent to fetch it from there.
 */
export const MAX_ANSWER_BYTES = 3_750_000;

export type VariantAnswer =
  | { readonly kind: 'missing' }
  /** `lasting`: true for ever (another rung holds the same file); false: ask again, it is stored now. */
  | { readonly kind: 'redirect'; readonly path: string; readonly lasting: boolean }
  | { readonly kind: 'file'; readonly data: Buffer; readonly format: VariantName['format'] };

export interface RenderVariantPorts {
  readonly findImage: FindImage;
  readonly readOriginal: ReadOriginal;
  readonly putVariant: PutVariant;
  readonly deleteVariant: DeleteVariant;
  readonly ladder: Ladder;
}

interface ShownImage extends ImageRecord {
  readonly header: ImageHeader;
  readonly metadata: ImageMetadata;
}

/** True for an image that may be shown under this version. */
const isShown = (image: ImageRecord | undefined, version: string): image is ShownImage =>
  image?.status === 'READY' && image.header !== null && image.metadata?.version === version;

const render = async ({ readOriginal, ladder }: RenderVariantPorts, image: ShownImage, name: VariantName) => {
  const pixels = pixelSourceOf(image, image.header);
  const source = {
    original: await readOriginal(pixels),
    header: pixels.header,
    background: image.metadata.dominantColour,
  };
  const rendition = { ...name, pixels: fitPixels(image.metadata, name.width) };
  const [data] = await renderSet({ source, renditions: [rendition], ladder }, (_rendition, bytes) =>
    Promise.resolve(bytes),
  );
  return data ?? Buffer.alloc(0);
};

/**
 * Answers the first request for a rendition that is not stored: makes it, stores it, answers it. Other names of the same file
 * are sent to the one it is stored under, so that strangers cannot have files made beyond the ladder. Throws ImageRejected
 * when the original, once decoded, no longer is, and the ports' errors.
 */
export const renderVariant = async (ports: RenderVariantPorts, key: string): Promise<VariantAnswer> => {
  const name = parseVariantKey(key);
  if (name === undefined) return { kind: 'missing' };
  const image = await ports.findImage(name.imageId);
  if (!isShown(image, name.version)) return { kind: 'missing' };
  const rung = canonicalRung(ports.ladder, image.metadata, name);
  if (rung.width !== name.width || rung.tier !== name.tier)
    return { kind: 'redirect', path: `/${variantKey({ ...name, ...rung })}`, lasting: true };
  const data = await render(ports, image, name);
  await ports.putVariant(key, data, name.format);
  // Deleted while it was being made: the purge may have been here before the file was.
  if (!isShown(await ports.findImage(name.imageId), name.version)) {
    await ports.deleteVariant(key);
    return { kind: 'missing' };
  }
  if (data.length > MAX_ANSWER_BYTES) return { kind: 'redirect', path: `/${key}`, lasting: false };
  return { kind: 'file', data, format: name.format };
};
