import type { ImageRecord } from '@darkroom/types/image';
import { metricNames } from '@darkroom/types/metrics';

/** One value of an embedded metric. */
export interface Measure {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds' | 'Bytes';
  readonly value: number;
  /** Value of the dimension `code`, for counts of rejected images. */
  readonly code?: string;
}

const count = (name: string): Measure => ({ name, unit: 'Count', value: 1 });

/** What is measured when a claim is let go for another attempt. */
export const retryMeasures: readonly Measure[] = [count(metricNames.imagesRetried)];

/** What is measured when an image was rendered again. */
export const redevelopedMeasures: readonly Measure[] = [count(metricNames.imagesRedeveloped)];

const readyMeasures = ({ uploadedAt, terminalAt, updatedAt, bytes, variants }: ImageRecord): Measure[] => {
  const ended = Date.parse(terminalAt ?? updatedAt);
  const variantBytes = variants.reduce((sum, variant) => sum + variant.bytes, 0);
  return [
    count(metricNames.imagesReady),
    // S3's clock and ours differ by a little; no image is ready before it was uploaded.
    { name: metricNames.uploadToReady, unit: 'Milliseconds', value: Math.max(0, ended - Date.parse(uploadedAt)) },
    { name: metricNames.originalBytes, unit: 'Bytes', value: bytes },
    { name: metricNames.variantBytes, unit: 'Bytes', value: variantBytes },
  ];
};

/** What is measured when a record has become terminal; nothing for other states. */
export const terminalMeasures = (record: ImageRecord): readonly Measure[] => {
  if (record.status === 'READY') return readyMeasures(record);
  if (record.status === 'REVIEW') return [count(metricNames.imagesInReview)];
  if (record.status === 'FAILED') return [count(metricNames.imagesFailed)];
  if (record.status !== 'REJECTED') return [];
  return [{ ...count(metricNames.imagesRejected), code: record.reason?.code ?? 'INTERNAL' }];
};
