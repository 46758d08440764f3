import type { ImageRecord, Review } from './image.ts';
import { shardOf } from './keys.ts';

/** Names of the catalogue's indexes and how its keys are made. The table itself belongs to services/metadata. */
export const catalogueIndexes = {
  /** `tenant` → `imageId` (a ULID, so in order of time): lists a tenant's images. */
  byTenant: 'byTenant',
  /** `leaseShard` → `leaseUntil`, sparse: only PROCESSING images carry these attributes. */
  byLease: 'byLease',
} as const;

/** How many partitions the lease index is spread over: 580 claims a second at peak stay far below 1,000 writes a second each. */
export const LEASE_SHARDS = 8;

/** The lease-index partition of an image: `L0` to `L7`. */
export const leaseShardOf = (imageId: string): string => `L${Number.parseInt(shardOf(imageId), 16) % LEASE_SHARDS}`;

/** Every lease-index partition, for the sweeper. */
export const leaseShards: readonly string[] = Array.from({ length: LEASE_SHARDS }, (_, n) => `L${n}`);

/** The review of a record that approves the bytes it has now; undefined when nobody approved these. */
export const approvalOf = ({ review, etag }: Pick<ImageRecord, 'review' | 'etag'>): Review | undefined =>
  review?.decision === 'approve' && review.etag === etag ? review : undefined;

/** How many attempts count towards `pipeline.maxAttempts`: all of them, or those since a person approved the image. */
export const attemptsOf = (record: Pick<ImageRecord, 'review' | 'etag' | 'attempt'>): number =>
  record.attempt - (approvalOf(record)?.attempt ?? 0);
