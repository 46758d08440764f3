import type { ImageHeader } from '@darkroom/types/image';
import { type Limits, limits } from '@darkroom/types/limits';

type Kind = Pick<ImageHeader, 'format' | 'progressive'>;
type MaxPixels = Limits['validate']['maxPixels'];

const kinds: Readonly<Record<ImageHeader['format'], (progressive: boolean) => keyof MaxPixels>> = {
  jpeg: (progressive) => (progressive ? 'jpegProgressive' : 'jpegBaseline'),
  png: (progressive) => (progressive ? 'pngInterlaced' : 'png'),
  webp: () => 'webp',
  gif: () => 'gifFrame',
  avif: () => 'avif',
  heic: () => 'heic',
};

/** Most pixels (width × height) that an image of this kind may have: decoders differ in memory per pixel by a factor of 20. */
export const pixelLimitOf = ({ format, progressive }: Kind, maxPixels: MaxPixels = limits.validate.maxPixels): number =>
  maxPixels[kinds[format](progressive)];
