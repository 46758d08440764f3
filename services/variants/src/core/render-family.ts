import type { Variant } from '@darkroom/types/image';
import { variantKey } from '@darkroom/types/keys';
import type { Family, Ladder } from '@darkroom/types/ladder';
import { pixelSourceOf, type VariantsInput, type VariantsResult } from '@darkroom/types/workflow';
import type { PutVariant, ReadOriginal } from '../ports.ts';
import { pictureFacts } from './picture-facts.ts';
import { type Picture, pictureOf, type PlannedRendition, planRenditions, type Sides } from './plan.ts';
import { masterPixels, type RenderSource, renderSet } from './render.ts';

export interface RenderedFile {
  readonly rendition: PlannedRendition;
  readonly data: Buffer;
  /** The encoder's quality that it has. */
  readonly quality: number;
}

/** The renditions of one family for a picture; none when other families hold all that it can fill. */
export const planFamily = (ladder: Ladder, picture: Picture, family: Family): PlannedRendition[] =>
  planRenditions(ladder, picture).filter((rendition) => rendition.family === family);

/** Renders one family in memory: what renderFamily does, without any storage. Throws ImageRejected. */
export const renderFamilyBytes = (
  source: RenderSource,
  picture: Picture,
  { ladder, family }: { ladder: Ladder; family: Family },
): Promise<RenderedFile[]> =>
  renderSet({ source, renditions: planFamily(ladder, picture, family), ladder }, (rendition, data, quality) =>
    Promise.resolve({ rendition, data, quality }),
  );

export interface RenderFamilyPorts {
  readonly readOriginal: ReadOriginal;
  readonly putVariant: PutVariant;
  readonly ladder: Ladder;
}

type StoredImage = Pick<VariantsInput['task'], 'imageId' | 'bucket' | 'key'>;

/** The file to decode for so many pixels: the preview that travels with the metadata where it has them, or the original or its stand-in. */
export const fileFor = async (
  readOriginal: ReadOriginal,
  { object, header, metadata: { preview } }: Pick<VariantsInput, 'header' | 'metadata'> & { object: StoredImage },
  { width, height }: Sides,
): Promise<Pick<RenderSource, 'original' | 'header'>> => {
  if (preview !== undefined && preview.width >= width && preview.height >= height)
    return { original: Buffer.from(preview.jpeg, 'base64'), header: { format: 'jpeg', progressive: false } };
  const pixels = pixelSourceOf(object, header);
  return { original: await readOriginal(pixels), header: pixels.header };
};

/**
 * CreateThumbnail, CreateMobileOptimized, CreateWebOptimized: reads the original (or what stands in for it) once, decodes it once, stores every
 * rendition of the family under its deterministic key, so that doing it again changes nothing. Throws ImageRejected when
 * the image cannot be decoded or encoded, and the ports' errors.
 */
export const renderFamily = async (
  { readOriginal, putVariant, ladder }: RenderFamilyPorts,
  input: VariantsInput,
): Promise<VariantsResult> => {
  const { task, header, metadata, family } = input;
  const renditions = planFamily(ladder, pictureOf(ladder, metadata, header), family);
  if (renditions.length === 0) return { family, variants: [] };
  const source = {
    ...(await fileFor(readOriginal, { object: task, header, metadata }, masterPixels(renditions))),
    ...pictureFacts(task, metadata),
  };
  const variants = await renderSet({ source, renditions, ladder }, async (rendition, data): Promise<Variant> => {
    const { width, tier, format, pixels: sides } = rendition;
    const key = variantKey({ imageId: task.imageId, version: metadata.version, width, tier, format });
    await putVariant(key, data, format);
    return { key, family, tier, format, ...sides, bytes: data.length };
  });
  return { family, variants };
};
