import type { ImageHeader, ImageMetadata, ImageRecord, Variant } from '@darkroom/types/image';
import { originalKey, variantKey } from '@darkroom/types/keys';
import type { AccessClaims } from '@darkroom/types/tokens';
import type { ImageTask } from '@darkroom/types/workflow';

/** 2026-11-23T20:40:00.000Z. */
export const NOW = Date.UTC(2026, 10, 23, 20, 40);
export const SECRET = 'a-test-secret-of-at-least-32-bytes!';
export const IMAGE_ID = '01KAS0V1CZ8Y4W3T2R1Q0P9N8M';
export const CDN = 'https://cdn.test';
export const VERSION = '0123456789ab';

/** The n-th of many ids, in order of time. */
export const nthId = (n: number): string => `01KAS0V1CZ8Y4W3T2R1Q${String(n).padStart(6, '0')}`;

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

export const metadata: ImageMetadata = {
  sha256: 'a'.repeat(64),
  version: VERSION,
  perceptualHash: '0123456789abcdef',
  width: 3024,
  height: 4032,
  dominantColour: '#336699',
  thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
  hasAlpha: false,
  exif: { takenAt: '2024-05-01T12:00:00', make: 'Test', model: 'Camera', orientation: 6 },
};

/** With everything that a photograph can tell. */
export const described: ImageMetadata = {
  ...metadata,
  exif: { takenAt: '2024-05-01T12:00:00+02:00', make: 'Canon', model: 'Canon EOS 70D', orientation: 1 },
  capture: {
    lens: 'EF50mm f/1.8 STM',
    exposureSeconds: 0.0166667,
    fNumber: 3.2,
    iso: 400,
    focalLength: 50,
    focalLength35: null,
    flash: false,
  },
  credit: { title: null, caption: 'A harbour', creator: 'Ada', copyright: '© Ada', credit: null, keywords: ['sea'] },
  place: { latitude: 51.5, longitude: -0.1 },
  palette: ['#336699', '#ffffff'],
  look: { sharpness: 0.9, brightness: 0.5, exposure: 'normal' },
  focus: { x: 0.4, y: 0.6 },
  tags: [
    { name: 'Dog', score: 0.9 },
    { name: 'beach', score: 0.6 },
  ],
};

export const variants: Variant[] = [
  {
    key: variantKey({ imageId: IMAGE_ID, version: VERSION, width: 320, tier: 'n', format: 'avif' }),
    family: 'thumbnail',
    tier: 'n',
    format: 'avif',
    width: 320,
    height: 427,
    bytes: 9_120,
  },
];

/** A record without a claim. */
const unclaimed = (changes: Partial<ImageRecord>): ImageRecord => ({
  schemaVersion: 1,
  imageId: IMAGE_ID,
  tenant: 'acme',
  owner: 'ada',
  status: 'PROCESSING',
  attempt: 1,
  etag: 'e',
  sequencer: '00AA',
  bucket: 'originals',
  key: originalKey(IMAGE_ID),
  bytes: 3_000_000,
  filename: 'a.jpg',
  declaredType: 'image/jpeg',
  uploadedAt: '2026-11-23T20:39:58.000Z',
  updatedAt: '2026-11-23T20:39:59.000Z',
  terminalAt: null,
  reason: null,
  header: null,
  metadata: null,
  variants: [],
  ...changes,
});

export const processing = (changes: Partial<ImageRecord> = {}): ImageRecord =>
  unclaimed({
    leaseShard: 'L0',
    leaseUntil: NOW + 60_000,
    claimMessageId: 'm',
    claimReceiveCount: 1,
    ...changes,
  });

const at = '2026-11-23T20:40:00.000Z';

export const ready = (changes: Partial<ImageRecord> = {}): ImageRecord =>
  unclaimed({ status: 'READY', header, metadata, variants, terminalAt: at, updatedAt: at, ...changes });

export const rejected = (changes: Partial<ImageRecord> = {}): ImageRecord =>
  unclaimed({
    status: 'REJECTED',
    reason: { code: 'TOO_LARGE', message: 'too many pixels' },
    terminalAt: at,
    updatedAt: at,
    ...changes,
  });

export const failed = (changes: Partial<ImageRecord> = {}): ImageRecord =>
  unclaimed({
    status: 'FAILED',
    attempt: 3,
    reason: { code: 'INTERNAL', message: 'Runtime.ExitError: arn:aws:lambda:… exited' },
    terminalAt: at,
    updatedAt: at,
    ...changes,
  });

/** Held back by moderation. */
export const inReview = (changes: Partial<ImageRecord> = {}): ImageRecord =>
  unclaimed({
    status: 'REVIEW',
    header,
    metadata,
    moderation: { verdict: 'review', scores: { porn: 0.9 }, model: 'm@1' },
    terminalAt: at,
    updatedAt: at,
    ...changes,
  });

export const tombstone = (changes: Partial<ImageRecord> = {}): ImageRecord =>
  unclaimed({ status: 'DELETED', updatedAt: at, expiresAt: NOW / 1000 + 60, filename: null, ...changes });

export const accessClaims = (changes: Partial<AccessClaims> = {}): AccessClaims => ({
  typ: 'access',
  tenant: 'acme',
  owner: 'ada',
  scopes: ['read', 'delete'],
  exp: NOW / 1000 + 3600,
  ...changes,
});

export const task = (changes: Partial<ImageTask> = {}): ImageTask => ({
  schemaVersion: 1,
  imageId: IMAGE_ID,
  tenant: 'acme',
  owner: 'ada',
  bucket: 'originals',
  key: originalKey(IMAGE_ID),
  bytes: 3_000_000,
  etag: 'e',
  sequencer: '00AA',
  attempt: 1,
  filename: 'a.jpg',
  declaredType: 'image/jpeg',
  announcedSha256: null,
  uploadedAt: '2026-11-23T20:39:58.000Z',
  ...changes,
});
