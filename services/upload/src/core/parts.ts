/** S3's limits for multipart uploads (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
export const MAX_PARTS = 10_000;
const MEBIBYTE = 1_048_576;

/** A part as S3 lists it. */
export interface StoredPart {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  /** Instant at which S3 took it. */
  readonly lastModified?: string;
}

/** A part as a client names it when it completes. */
export interface CompletedPart {
  readonly partNumber: number;
  readonly etag: string;
}

export interface PartPlan {
  /** Bytes of every part but the last. */
  readonly partSize: number;
  readonly partCount: number;
  /** Bytes of the last part, 1 to `partSize`. */
  readonly lastPartSize: number;
}

/**
 * Cuts a file of `size` bytes into parts of `partSize` bytes; the last one holds what is left.
 * Throws RangeError when either is not a positive integer.
 */
export const planParts = (size: number, partSize: number): PartPlan => {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`expected a positive size but received ${size}`);
  if (!Number.isSafeInteger(partSize) || partSize < 1)
    throw new RangeError(`expected a positive part size but received ${partSize}`);
  const partCount = Math.ceil(size / partSize);
  return { partSize, partCount, lastPartSize: size - (partCount - 1) * partSize };
};

/** The part size for a file: the wanted one, or the smallest whole number of MiB that needs no more than 10,000 parts. */
export const partSizeFor = (size: number, wanted: number): number => {
  const least = Math.ceil(size / MAX_PARTS);
  return least <= wanted ? wanted : Math.ceil(least / MEBIBYTE) * MEBIBYTE;
};

/** Bytes of one part. Throws RangeError for a number outside the plan. */
export const partBytes = (plan: PartPlan, partNumber: number): number => {
  if (partNumber < 1 || partNumber > plan.partCount)
    throw new RangeError(`expected a part number from 1 to ${plan.partCount} but received ${partNumber}`);
  return partNumber === plan.partCount ? plan.lastPartSize : plan.partSize;
};

/** Where a part lies in the file. Throws RangeError for a number outside the plan. */
export const partRange = (plan: PartPlan, partNumber: number): { offset: number; size: number } => ({
  offset: (partNumber - 1) * plan.partSize,
  size: partBytes(plan, partNumber),
});

/** `[first, …, last]`. */
export const range = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);

/** An entity tag without its quotes: S3 writes them, some clients strip them, and both forms come back. */
export const bareEtag = (etag: string): string => etag.replace(/^"(.*)"$/, '$1');
