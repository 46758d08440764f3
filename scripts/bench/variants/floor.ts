import { join } from 'node:path';
import sharp from 'sharp';
import { BACKGROUND, type Make } from './job.ts';

sharp.concurrency(1);
sharp.cache(false);

/**
 * The floor: what the files cost when nothing is done twice and nothing else is done. One `sharp(path)` decode, with
 * shrink-on-load, upright, to sRGB, straight to the pixels of the largest file, held as a raster; then for each file one
 * resize of that raster (none for the largest) and one encode with the settings that Darkroom used for it. Transparency as
 * in Darkroom: an opaque picture gets no alpha channel, JPEG stands on a colour. No limits, no planning, no checks.
 */
export const make: Make = async ({ photo, files, out }) => {
  const [largest] = [...files].sort((a, b) => b.width * b.height - a.width * a.height);
  if (largest === undefined) return [];
  const { width, height } = largest;
  const decoded = sharp(photo.path, { failOn: 'error' })
    .autoOrient()
    .resize({ width, height, fit: 'fill' })
    .toColourspace('srgb');
  const { data, info } = await (photo.isOpaque ? decoded.removeAlpha() : decoded)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  for (const [index, file] of files.entries()) {
    const { format, ...settings } = file.settings;
    let image = sharp(data, { raw });
    if (!photo.isOpaque && format === 'jpeg') image = image.flatten({ background: BACKGROUND });
    if (file.width !== width || file.height !== height)
      image = image.resize({ width: file.width, height: file.height, fit: 'fill' });
    await image.toFormat(format, settings).toFile(join(out, `floor-${index}.${format}`));
  }
  return files;
};
