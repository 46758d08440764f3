import { readFileSync } from 'node:fs';
import type { ImageHeader, ImageMetadata, ImageRecord } from '@darkroom/types/image';
import type { ImageTask } from '@darkroom/types/workflow';
import sharp from 'sharp';

/** A file of test/fixtures. */
export const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

export const IMAGE_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
export const VERSION = '0123456789ab';

export const header = (format: ImageHeader['format'], facts: Partial<ImageHeader> = {}): ImageHeader => ({
  format,
  width: 1,
  height: 1,
  orientation: 1,
  frames: 1,
  progressive: false,
  hasAlpha: false,
  channels: 3,
  ...facts,
});

export const metadata = (width: number, height: number, facts: Partial<ImageMetadata> = {}): ImageMetadata => ({
  sha256: 'a'.repeat(64),
  version: VERSION,
  perceptualHash: '0'.repeat(16),
  width,
  height,
  dominantColour: '#336699',
  thumbhash: '',
  hasAlpha: false,
  exif: { takenAt: null, make: null, model: null, orientation: 1 },
  ...facts,
});

export const task: ImageTask = {
  schemaVersion: 1,
  imageId: IMAGE_ID,
  tenant: 'acme',
  owner: null,
  bucket: 'originals',
  key: `originals/00/${IMAGE_ID}/source`,
  bytes: 1,
  etag: 'e',
  sequencer: '',
  attempt: 1,
  filename: null,
  declaredType: null,
  announcedSha256: null,
  uploadedAt: '2026-11-23T20:40:00.000Z',
};

/** The record of a picture of 450 by 300 pixels that is shown. */
export const record = (facts: Partial<ImageRecord> = {}): ImageRecord => ({
  schemaVersion: 1,
  imageId: IMAGE_ID,
  tenant: 'acme',
  owner: null,
  status: 'READY',
  attempt: 1,
  etag: 'e',
  sequencer: '',
  bucket: task.bucket,
  key: task.key,
  bytes: 1,
  filename: null,
  declaredType: null,
  uploadedAt: task.uploadedAt,
  updatedAt: task.uploadedAt,
  terminalAt: task.uploadedAt,
  reason: null,
  header: header('jpeg'),
  metadata: metadata(450, 300),
  variants: [],
  ...facts,
});

/** Pixels as numbers, and what the file is, of anything sharp reads. */
export const pixelsOf = async (file: Buffer) => {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

/** Mean difference of two pictures of one size, of 255. */
export const difference = async (a: Buffer, b: Buffer): Promise<number> => {
  const [left, right] = [await pixelsOf(a), await pixelsOf(b)];
  if (left.data.length !== right.data.length) return 255;
  return left.data.reduce((sum, value, at) => sum + Math.abs(value - (right.data[at] ?? 0)), 0) / left.data.length;
};
