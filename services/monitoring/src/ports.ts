import type { Reason } from '@darkroom/types/codes';
import type { DomainEvent } from '@darkroom/types/events';
import type { ImageRecord } from '@darkroom/types/image';
import type { RedriveMessage } from '@darkroom/types/s3-event';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** A record that carries a lease. */
export type LeasedRecord = ImageRecord & { readonly leaseUntil: number };

/**
 * Records of one lease shard whose lease ended before `before` (milliseconds since the epoch), oldest first; a page of
 * them. Eventually consistent: each may have changed meanwhile.
 */
export type FindExpired = (shard: string, before: number) => Promise<LeasedRecord[]>;

/** Sets the end of the lease, if nobody touched record and lease since they were read; false when somebody did. */
export type MoveLease = (record: LeasedRecord, leaseUntil: number) => Promise<boolean>;

/**
 * Makes the record FAILED under the same condition and answers it as written, or undefined. It stays in the lease index
 * until `dropLease`, so that a sweep that dies before the event is sent is made up for by the next.
 */
export type WriteFailed = (record: LeasedRecord, reason: Reason, at: string) => Promise<LeasedRecord | undefined>;

/** Takes a record that is no longer PROCESSING out of the lease index. */
export type DropLease = (record: LeasedRecord) => Promise<void>;

/** Puts a message on the ingest queue. */
export type Redrive = (message: RedriveMessage) => Promise<void>;

/** Sends a domain event, at least once. Throws when the bus did not take it. */
export type EmitEvent = (event: DomainEvent) => Promise<void>;

/** One line for the operator. */
export type Tell = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details: Readonly<Record<string, unknown>>,
) => void;
