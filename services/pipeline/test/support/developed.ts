import { variantVersion } from '@darkroom/runtime/version';
import type { ImageHeader, ImageMetadata, ImageRecord } from '@darkroom/types/image';
import { record } from './fixtures.ts';

export const header: ImageHeader = {
  format: 'jpeg',
  width: 4032,
  height: 3024,
  orientation: 6,
  frames: 1,
  progressive: false,
  hasAlpha: false,
  channels: 3,
};

/** What a photograph has that was rendered by a revision of the ladder. */
export const metadataOf = (revision: number): ImageMetadata => ({
  sha256: 'a'.repeat(64),
  version: variantVersion('a'.repeat(64), revision),
  perceptualHash: '0123456789abcdef',
  width: 3024,
  height: 4032,
  dominantColour: '#336699',
  thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
  hasAlpha: false,
  exif: { takenAt: null, make: null, model: null, orientation: 6 },
});

/** A READY record that a revision of the ladder made. */
export const developedBy = (revision: number, changes: Partial<ImageRecord> = {}): ImageRecord =>
  record({ status: 'READY', header, metadata: metadataOf(revision), ...changes });
