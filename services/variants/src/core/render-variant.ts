import type { ImageHeader, ImageMetadata, ImageRecord } from '@darkroom/types/image';
import { parseVariantKey, type VariantName, variantKey } from '@darkroom/types/keys';
import { isFormerVersion } from '@darkroom/runtime/version';
import type { Ladder } from '@darkroom/types/ladder';
import { pixelSourceOf } from '@darkroom/types/workflow';
import type { DeleteVariant, FindImage, ReadOriginal, StoreNewVariant } from '../ports.ts';
import { makeOnce, type OncePorts } from './make-once.ts';
import { pictureFacts } from './picture-facts.ts';
import { canonicalName, pictureOf, renditionOf } from './plan.ts';
import { renderSet } from './render.ts';

export type VariantAnswer =
  | { readonly kind: 'missing' }
  /** Another rung holds the same file, or the image has been rendered again under another version. */
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'file'; readonly data: Buffer; readonly format: VariantName['format'] };

export interface RenderPorts {
  readonly readOriginal: ReadOriginal;
  readonly ladder: Ladder;
}

export interface RenderVariantPorts extends OncePorts, RenderPorts {
  readonly findImage: FindImage;
  readonly storeNewVariant: StoreNewVariant;
  readonly deleteVariant: DeleteVariant;
}

export interface ShownImage extends ImageRecord {
  readonly header: ImageHeader;
  readonly metadata: ImageMetadata;
}

const isReady = (image: ImageRecord | undefined): image is ShownImage =>
  image?.status === 'READY' && image.header !== null && image.metadata !== null;

/** True for an image that may be shown under this version. */
export const isShown = (image: ImageRecord | undefined, version: string): image is ShownImage =>
  isReady(image) && image.metadata.version === version;

/** One rendition, in memory. Throws ImageRejected, and what reading throws. */
export const renderOne = async ({ readOriginal, ladder }: RenderPorts, image: ShownImage, name: VariantName) => {
  const pixels = pixelSourceOf(image, image.header);
  const source = {
    original: await readOriginal(pixels),
    header: pixels.header,
    ...pictureFacts(image, image.metadata),
  };
  const rendition = renditionOf(ladder, pictureOf(ladder, image.metadata, image.header), name);
  const [data] = await renderSet({ source, renditions: [rendition], ladder }, (_rendition, bytes) =>
    Promise.resolve(bytes),
  );
  return data ?? Buffer.alloc(0);
};

/** Makes and stores a rendition; undefined when its image was deleted meanwhile. */
const make = async (ports: RenderVariantPorts, image: ShownImage, name: VariantName): Promise<Buffer | undefined> => {
  const key = variantKey(name);
  const data = await renderOne(ports, image, name);
  await ports.storeNewVariant(key, data, name.format);
  ports.tell('info', 'rendition made on demand', { key, bytes: data.length });
  // Deleted while it was being made: the purge may have been here before the file was.
  if (isShown(await ports.findImage(name.imageId), name.version)) return data;
  await ports.deleteVariant(key);
  return undefined;
};

/**
 * Answers a request for a rendition that was not stored when it was asked for: makes it once, stores it, answers it; or answers
 * what is stored meanwhile. Other names of the same file are sent to the one it is stored under, so that strangers cannot have
 * files made beyond the ladder; versions of an earlier ladder to the present one, so that addresses in old pages live on. Throws ImageRejected when the original, once decoded, no longer is, and the ports' errors.
 */
export const renderVariant = async (ports: RenderVariantPorts, key: string): Promise<VariantAnswer> => {
  const name = parseVariantKey(key);
  if (name === undefined) return { kind: 'missing' };
  const image = await ports.findImage(name.imageId);
  if (!isReady(image)) return { kind: 'missing' };
  const { version, sha256 } = image.metadata;
  if (name.version !== version && !isFormerVersion(name.version, sha256, ports.ladder.revision))
    return { kind: 'missing' };
  const canonical = variantKey({
    ...name,
    version,
    ...canonicalName(ports.ladder, pictureOf(ports.ladder, image.metadata, image.header), name),
  });
  if (canonical !== key) return { kind: 'redirect', path: `/${canonical}` };
  const outcome = await makeOnce(ports, key, () => make(ports, image, name));
  const data = 'stored' in outcome ? outcome.stored : outcome.made;
  return data === undefined ? { kind: 'missing' } : { kind: 'file', data, format: name.format };
};
