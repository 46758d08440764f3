import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Connections are kept alive by the SDK's own handler; these bound how long a function waits on a dead one. */
const requestHandler = {
  // Inside a region a connection that takes a second is not coming.
  connectionTimeout: 1_000,
  // Longest answer awaited, in milliseconds: a 100 MB original at 10 MB/s.
  requestTimeout: 15_000,
  throwOnRequestTimeout: true,
};

const base = {
  requestHandler,
  // One more than the SDK's default of 3: throttling at a burst is usual, and the caller's own retry is far dearer.
  maxAttempts: 4,
};

/** True on the embedded stand-in and LocalStack, which serve buckets by path. */
const isLocalEndpoint = (): boolean =>
  process.env['AWS_ENDPOINT_URL'] !== undefined || process.env['AWS_ENDPOINT_URL_S3'] !== undefined;

/** S3. Checksums only where the API requires them: the default adds a CRC of nothing to every presigned URL. */
export const createS3Client = (): S3Client =>
  new S3Client({
    ...base,
    forcePathStyle: isLocalEndpoint(),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

/** SQS. The endpoint decides where requests go, not the host in a queue URL. */
export const createSqsClient = (): SQSClient => new SQSClient({ ...base, useQueueUrlAsEndpoint: false });

/** DynamoDB's document client: plain objects; undefined values are left out. */
export const createDocumentClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(base), { marshallOptions: { removeUndefinedValues: true } });

/**
 * Step Functions. A synchronous execution answers when it ends, so the request may take as long as an Express execution
 * (300 s); one attempt only, because a second call would be a second execution.
 */
export const createSfnClient = (): SFNClient =>
  new SFNClient({
    ...base,
    maxAttempts: 1,
    requestHandler: { ...requestHandler, requestTimeout: 310_000 },
    // StartSyncExecution's `sync-` host prefix has no address on a local endpoint.
    disableHostPrefix: isLocalEndpoint(),
  });

export const createEventBridgeClient = (): EventBridgeClient => new EventBridgeClient(base);

export const createSsmClient = (): SSMClient => new SSMClient(base);
