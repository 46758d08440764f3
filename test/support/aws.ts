import { S3Client } from '@aws-sdk/client-s3';

/** What the SDK's clients need to reach a system under test: the stand-in, or any other endpoint that takes these credentials. */
export const clientConfig = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** S3 of a system under test, which knows buckets by path only. */
export const s3Of = (endpoint: string): S3Client => new S3Client({ ...clientConfig(endpoint), forcePathStyle: true });
