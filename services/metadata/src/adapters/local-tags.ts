import { openRaster } from '@darkroom/imaging';
import { rgbPixels } from '@darkroom/imaging/rgb-pixels';
import { tagSizeOf, tagsOf } from '@darkroom/vision/tags';
import type { TagImage } from '../ports.ts';

/** Shorter on both sides, in pixels, a picture is an icon or a dot: the detector was shown none. */
const SMALLEST = 64;

/** The detector of packages/vision, in this process: no network, no fee, 80 kinds of things. It looks at the pixels that are there. */
export const localTags: TagImage = async ({ raster }) =>
  Math.max(raster.width, raster.height) < SMALLEST
    ? []
    : tagsOf(await rgbPixels(openRaster(raster), tagSizeOf(raster)));
