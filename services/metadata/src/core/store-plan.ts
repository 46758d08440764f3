import type { Reason } from '@darkroom/types/codes';
import type { ImageHeader, ImageMetadata, Moderation, Variant } from '@darkroom/types/image';
import { causeMessage, parseRejection } from '@darkroom/types/rejection';
import type { CaughtError, ImageTask, StoreInput } from '@darkroom/types/workflow';

/** Characters kept of an error's text: enough to find its log line by, and no stack trace. */
const MAX_ERROR_TEXT = 500;

/** What becomes of an image for good. */
export type Terminal =
  | {
      readonly status: 'READY';
      readonly header: ImageHeader;
      readonly metadata: ImageMetadata;
      readonly variants: readonly Variant[];
      readonly moderation?: Moderation;
    }
  | {
      readonly status: 'REVIEW';
      readonly header: ImageHeader;
      readonly metadata: ImageMetadata;
      readonly moderation: Moderation;
    }
  | { readonly status: 'REJECTED' | 'FAILED'; readonly reason: Reason; readonly moderation?: Moderation };

/** `release`: not terminal, another attempt follows. */
export type StorePlan =
  | { readonly kind: 'terminal'; readonly terminal: Terminal }
  | { readonly kind: 'release'; readonly message: string };

/** What ends an attempt; a redevelopment ends none. */
export type AttemptInput = Exclude<StoreInput, { outcome: 'redeveloped' }>;

/** One line about an error, for the record: the operator's hint, never shown to clients. */
export const errorText = ({ Error: name, Cause: cause }: CaughtError): string => {
  const [line = ''] = causeMessage(cause ?? '').split('\n');
  return (line === '' ? name : `${name}: ${line}`).slice(0, MAX_ERROR_TEXT);
};

/** Attempts since a person approved the image count, or all of them. */
const failure = (message: string, { attempt, approval }: ImageTask, maxAttempts: number): StorePlan =>
  attempt - (approval?.attempt ?? 0) < maxAttempts
    ? { kind: 'release', message }
    : { kind: 'terminal', terminal: { status: 'FAILED', reason: { code: 'INTERNAL', message } } };

const rejection = (input: Extract<StoreInput, { outcome: 'rejected' }>, maxAttempts: number): StorePlan => {
  const reason = input.reason ?? (input.error && parseRejection(input.error));
  const { moderation } = input;
  if (reason !== undefined)
    return { kind: 'terminal', terminal: { status: 'REJECTED', reason, ...(moderation && { moderation }) } };
  // A rejection without a readable reason is a fault of ours; the image must not be blamed for it.
  const message = input.error === undefined ? 'rejected without a reason' : errorText(input.error);
  return failure(message, input.task, maxAttempts);
};

/** What the outcome of a workflow means for the record. After `maxAttempts` attempts a failure is final. */
export const planStore = (input: AttemptInput, maxAttempts: number): StorePlan => {
  switch (input.outcome) {
    case 'ready': {
      const { header, metadata, families, moderation } = input;
      const variants = families.flatMap((family) => family.variants);
      const terminal = { status: 'READY', header, metadata, variants, ...(moderation && { moderation }) } as const;
      return { kind: 'terminal', terminal };
    }
    case 'review': {
      const { header, metadata, moderation } = input;
      return { kind: 'terminal', terminal: { status: 'REVIEW', header, metadata, moderation } };
    }
    case 'rejected':
      return rejection(input, maxAttempts);
    case 'failed':
      return failure(errorText(input.error), input.task, maxAttempts);
  }
};
