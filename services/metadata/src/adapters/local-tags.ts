import { decoding, openImage } from '@darkroom/imaging';
import { rgbPixels } from '@darkroom/imaging/rgb-pixels';
import { tagSizeOf, tagsOf } from '@darkroom/vision/tags';
import type { TagImage } from '../ports.ts';

/** The detector of packages/vision, in this process: no network, no fee, 80 kinds of things. */
export const localTags: TagImage = async ({ bytes, header }) => {
  const pixels = await decoding(async () => {
    const image = openImage(bytes, header);
    const { autoOrient } = await image.metadata();
    return rgbPixels(image, tagSizeOf(autoOrient));
  });
  return tagsOf(pixels);
};
