import sharp from 'sharp';

/**
 * The only decoders that may see foreign bytes: JPEG, PNG, WebP, GIF and AVIF, each from a Buffer. Loaders by path would
 * reach the disk, SVG the network, and TIFF and libvips' own format have a history (docs/hostile-images.md, "Dangers" and "Known history").
 */
const DECODERS = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
  'VipsForeignLoadNsgifBuffer',
  'VipsForeignLoadHeifBuffer',
];

/**
 * Makes this process' libvips fit for hostile images: every loader but DECODERS is refused, nothing is cached (a cache has
 * shown one user's picture to the next), and one picture takes one thread, as Lambda runs one event at a time.
 * Safe to call again.
 */
export const hardenSharp = (): typeof sharp => {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: DECODERS });
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
};
