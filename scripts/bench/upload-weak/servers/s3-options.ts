import type { S3ClientConfig } from '@aws-sdk/client-s3';

/** A client of the embedded system's S3. Checksums of an empty body stay out of presigned URLs by WHEN_REQUIRED. */
export const s3Options = (endpoint: string): S3ClientConfig => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
