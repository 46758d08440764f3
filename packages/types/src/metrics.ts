/** CloudWatch names that functions emit and services/monitoring draws and alarms on. */
export const METRICS_NAMESPACE = 'Darkroom';

export const metricNames = {
  /** From S3 having the bytes to the terminal write, in milliseconds. */
  uploadToReady: 'UploadToReady',
  imagesReady: 'ImagesReady',
  /** Dimension `code`. */
  imagesRejected: 'ImagesRejected',
  /** Held back by moderation. */
  imagesInReview: 'ImagesInReview',
  imagesFailed: 'ImagesFailed',
  imagesRetried: 'ImagesRetried',
  imagesRedeveloped: 'ImagesRedeveloped',
  uploadsCreated: 'UploadsCreated',
  originalBytes: 'OriginalBytes',
  variantBytes: 'VariantBytes',
  messagesRejected: 'MessagesRejected',
  leasesSwept: 'LeasesSwept',
} as const;
