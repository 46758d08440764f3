import type { ImageHeader } from '@darkroom/types/image';
import type { Policy } from '@darkroom/types/policies';
import type { ImageTask } from '@darkroom/types/workflow';
import type { Picture } from '../../src/ports.ts';

export const task = (changes: Partial<ImageTask> = {}): ImageTask => ({
  schemaVersion: 1,
  imageId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  tenant: 'acme',
  owner: null,
  bucket: 'originals',
  key: 'originals/e1/01ARZ3NDEKTSV4RRFFQ69G5FAV/source',
  bytes: 3_000_000,
  etag: 'e',
  sequencer: '',
  attempt: 1,
  filename: null,
  declaredType: null,
  announcedSha256: null,
  uploadedAt: '2026-11-23T20:40:00.000Z',
  ...changes,
});

export const header = (changes: Partial<ImageHeader> = {}): ImageHeader => ({
  format: 'jpeg',
  width: 480,
  height: 300,
  orientation: 1,
  frames: 1,
  progressive: true,
  hasAlpha: false,
  channels: 3,
  ...changes,
});

/** Thresholds of a tenant who enforces them. */
export const strict: Policy['moderation'] = { enforce: true, askFrom: 0.4, reviewFrom: 0.8, refuseFrom: 0.98 };

/** A picture of which nothing smaller travelled. */
export const pictureOf = (bytes: Buffer, changes: Partial<ImageHeader> = {}): Picture => {
  const whole = () => Promise.resolve({ bytes, header: header(changes) });
  return { small: whole, whole };
};
