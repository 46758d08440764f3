import type { ImageMetadata } from '@darkroom/types/image';
import { ImageRejected } from '@darkroom/types/rejection';
import { type MetadataInput, pixelSourceOf } from '@darkroom/types/workflow';
import { rgbaToThumbHash } from 'thumbhash';
import { decodeSmall } from './decode.ts';
import { dominantColour } from './dominant-colour.ts';
import { exifFacts } from './exif.ts';
import { perceptualHash } from './perceptual-hash.ts';
import { sha256Hex, variantVersion } from './version.ts';

/** Reads a whole original. */
export type ReadOriginal = (object: { bucket: string; key: string }) => Promise<Buffer>;

export interface ExtractPorts {
  readonly readOriginal: ReadOriginal;
  readonly ladderRevision: number;
}

/**
 * ExtractMetadata: reads the original once and decodes it once, small. Throws ImageRejected: CHECKSUM_MISMATCH when these are
 * not the bytes the client announced (a decoder does not notice a part that is missing), or what the decoder found.
 */
export const extractMetadata = async (
  { readOriginal, ladderRevision }: ExtractPorts,
  { task, header }: MetadataInput,
): Promise<ImageMetadata> => {
  const original = await readOriginal(task);
  const sha256 = sha256Hex(original);
  if (task.announcedSha256 !== null && task.announcedSha256.toLowerCase() !== sha256)
    throw new ImageRejected('CHECKSUM_MISMATCH');
  const source = pixelSourceOf(task, header);
  const hasStandIn = source.key !== task.key;
  const decoded = await decodeSmall(hasStandIn ? await readOriginal(source) : original, source.header);
  const { preview, hasAlpha, orientation, exif } = decoded;
  // A stand-in is smaller than its original, whose sides as seen are in its header.
  const { width, height } = hasStandIn ? header : decoded;
  return {
    sha256,
    version: variantVersion(sha256, ladderRevision),
    perceptualHash: perceptualHash(preview),
    width,
    height,
    dominantColour: dominantColour(preview),
    thumbhash: Buffer.from(rgbaToThumbHash(preview.width, preview.height, preview.data)).toString('base64'),
    hasAlpha,
    exif: exifFacts(exif, orientation),
  };
};
