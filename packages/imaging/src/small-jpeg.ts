import type { ImageHeader } from '@darkroom/types/image';
import { decoding, openImage } from './open.ts';

/** Longest side, in pixels: Rekognition takes up to 5 MB and finds no more in larger pictures of this kind. */
const SIDE = 640;
const QUALITY = 85;

/** A small upright JPEG without metadata, for a service that looks at pictures. Throws ImageRejected when the pixels cannot be decoded. */
export const smallJpeg = (bytes: Buffer, header: Pick<ImageHeader, 'format' | 'progressive'>): Promise<Buffer> =>
  decoding(() =>
    openImage(bytes, header)
      .autoOrient()
      .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: QUALITY })
      .toBuffer(),
  );
