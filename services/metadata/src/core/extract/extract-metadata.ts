import type { Policy } from '@darkroom/types/policies';
import { ImageRejected } from '@darkroom/types/rejection';
import { type MetadataInput, type MetadataResult, pixelSourceOf } from '@darkroom/types/workflow';
import { rgbaToThumbHash } from 'thumbhash';
import type { TagImage } from '../../ports.ts';
import { blocksOf, decodeSmall, previewsOf } from './decode.ts';
import { difficultyOf } from './difficulty.ts';
import { dominantColour } from './dominant-colour.ts';
import { focusOf } from './focus.ts';
import { lookOf } from './look.ts';
import { paletteOf } from './palette.ts';
import { perceptualHash } from './perceptual-hash.ts';
import type { Sides } from './sides.ts';
import { glanceBitsOf, glanceOf, previewOf } from './travelling.ts';
import { sha256Hex, variantVersion } from './version.ts';
import { writtenFacts } from './written-facts.ts';

/** Reads a whole object. */
export type ReadObject = (object: { bucket: string; key: string }) => Promise<Buffer>;

export interface ExtractPorts {
  readonly readObject: ReadObject;
  /** What the tenant wants to become of a location. */
  readonly gpsPolicyOf: (tenant: string) => Policy['gps'];
  readonly ladderRevision: number;
  /** Width of the preview that travels to the thumbnail family, in pixels. */
  readonly previewWidth: number;
  /** Undefined: images get no tags. */
  readonly tag?: TagImage | undefined;
}

/** Least sides of the pixels that are decoded: the preview's width, and a height that gives a landscape of 4:3 the 384 × 288 of the detector. */
export const leastSides = (previewWidth: number): Sides => ({ width: previewWidth, height: 288 });

/**
 * ExtractMetadata: reads the original once, and its stand-in when it has one, and decodes once, small. Hash and written facts
 * are the original's. Throws ImageRejected: CHECKSUM_MISMATCH when these are not the bytes the client announced (a decoder
 * does not notice a part that is missing), or what the decoder found.
 */
export const extractMetadata = async (
  { readObject, gpsPolicyOf, ladderRevision, previewWidth, tag }: ExtractPorts,
  { task, header }: MetadataInput,
): Promise<MetadataResult> => {
  const source = pixelSourceOf(task, header);
  const hasStandIn = source.key !== task.key;
  const [original, standIn] = await Promise.all([readObject(task), hasStandIn ? readObject(source) : undefined]);
  const sha256 = sha256Hex(original);
  if (task.announcedSha256 !== null && task.announcedSha256.toLowerCase() !== sha256)
    throw new ImageRejected('CHECKSUM_MISMATCH');
  const picture = { bytes: standIn ?? original, header: source.header };
  const decoded = await decodeSmall(picture.bytes, picture.header, leastSides(previewWidth));
  const { raster, hasAlpha, wideGamut } = decoded;
  const { preview, thumbnail } = await previewsOf(raster);
  const glance = await glanceOf(raster);
  const travelling = source.header.frames === 1 ? await previewOf(decoded, previewWidth) : undefined;
  const blocks = hasStandIn ? await blocksOf(original, header) : decoded.blocks;
  // A stand-in is smaller than its original, whose sides as seen are in its header.
  const { width, height } = hasStandIn ? header : decoded;
  return {
    sha256,
    version: variantVersion(sha256, ladderRevision),
    perceptualHash: perceptualHash(thumbnail),
    width,
    height,
    dominantColour: dominantColour(thumbnail),
    thumbhash: Buffer.from(rgbaToThumbHash(thumbnail.width, thumbnail.height, thumbnail.data)).toString('base64'),
    hasAlpha,
    ...writtenFacts(blocks, gpsPolicyOf(task.tenant)),
    palette: paletteOf(thumbnail),
    look: lookOf(preview),
    focus: focusOf(thumbnail),
    difficulty: difficultyOf(preview, glanceBitsOf(glance)),
    wideGamut,
    glance: { jpeg: glance.toString('base64') },
    ...(travelling && { preview: travelling }),
    ...(tag && { tags: await tag({ ...picture, raster }) }),
  };
};
