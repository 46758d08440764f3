import { leaseShardOf } from '@darkroom/types/catalogue';
import type { ImageRecord } from '@darkroom/types/image';
import { originalKey } from '@darkroom/types/keys';
import type { LeasedRecord } from '../../src/ports.ts';

/** 2026-11-23T20:40:00.000Z. */
export const NOW = Date.UTC(2026, 10, 23, 20, 40);

/** The n-th of many image ids. */
export const nthId = (n: number): string => `01KAS0V1CZ8Y4W3T2R1Q${String(n).padStart(6, '0')}`;
export const IMAGE_ID = nthId(1);

/** A record whose holder vanished: its lease ended two minutes ago. */
export const abandoned = (changes: Partial<ImageRecord> = {}): LeasedRecord => {
  const imageId = changes.imageId ?? IMAGE_ID;
  const record: ImageRecord = {
    schemaVersion: 1,
    imageId,
    tenant: 'acme',
    owner: 'ada',
    status: 'PROCESSING',
    attempt: 1,
    etag: 'e1',
    sequencer: '0055AED6DCD9',
    bucket: 'originals',
    key: originalKey(imageId),
    bytes: 3_000_000,
    filename: 'a.jpg',
    declaredType: 'image/jpeg',
    uploadedAt: '2026-11-23T20:30:00.000Z',
    updatedAt: '2026-11-23T20:30:01.000Z',
    terminalAt: null,
    reason: null,
    header: null,
    metadata: null,
    variants: [],
    leaseShard: leaseShardOf(imageId),
    claimMessageId: 'm1',
    claimReceiveCount: 1,
    ...changes,
  };
  return { ...record, leaseUntil: changes.leaseUntil ?? NOW - 120_000 };
};
