import type { ImageRecord } from '@darkroom/types/image';
import type { WorkflowInput, WorkflowOutput } from '@darkroom/types/workflow';
import type { ClaimCandidate } from './core/claim.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** One SQS message as the dispatcher sees it. */
export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often SQS has handed it out, this time included. */
  readonly receiveCount: number;
}

/** What HEAD tells of an original. */
export interface OriginalHead {
  /** As S3 sends it, with quotes. */
  readonly etag: string;
  readonly bytes: number;
  readonly contentType: string | undefined;
  /** Milliseconds since the epoch. For a multipart upload S3 says when it was begun, not when it was completed. */
  readonly lastModified: number | undefined;
  /** User metadata, names without `x-amz-meta-`, in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Deletes an original. Deleting what is not there is fine. */
export type DiscardOriginal = (bucket: string, key: string) => Promise<void>;

/** HEAD of an object; undefined when there is none. */
export type HeadOriginal = (bucket: string, key: string) => Promise<OriginalHead | undefined>;

/**
 * `claimed`: the image is ours, under the record's attempt. `done`: nothing is left to do for this message. `held`: another
 * message holds the claim and guards the image. `deleted`: the image is gone for good, and the bytes must go too.
 */
export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly record: ImageRecord }
  | { readonly kind: 'done' }
  | { readonly kind: 'held' }
  | { readonly kind: 'deleted' };

/** Claims an image by one conditional write. `now` is in milliseconds since the epoch. Safe to repeat. */
export type ClaimImage = (candidate: ClaimCandidate, now: number) => Promise<ClaimOutcome>;

/** Runs the state machine to its end. Throws when it fails, times out or cannot be started. */
export type RunWorkflow = (input: WorkflowInput) => Promise<WorkflowOutput>;

/** Lets a message become visible again after so many seconds. */
export type DelayMessage = (receiptHandle: string, seconds: number) => Promise<void>;

/** One line for the operator. */
export type Tell = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details: Readonly<Record<string, unknown>>,
) => void;
