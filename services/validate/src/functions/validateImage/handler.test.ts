import { GetObjectCommand, type GetObjectCommandOutput, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { jpegOf } from '../../../../../packages/imaging/test/support/bytes.ts';

const s3 = mockClient(S3Client);
const context = { functionName: 'validateImage', awsRequestId: 'r', memoryLimitInMB: '1024' };
const task = (bytes: number) => ({
  schemaVersion: 1,
  imageId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  tenant: 'acme',
  owner: null,
  bucket: 'originals',
  key: 'originals/00/01ARZ3NDEKTSV4RRFFQ69G5FAV/source',
  bytes,
  etag: 'e',
  sequencer: '',
  attempt: 1,
  filename: null,
  declaredType: null,
  announcedSha256: null,
  uploadedAt: '2026-11-23T20:40:00.000Z',
});

/** A body as the SDK hands it over, for the one method that is used. */
const bodyOf = (bytes: Buffer) =>
  ({ transformToByteArray: () => Promise.resolve(new Uint8Array(bytes)) }) as unknown as NonNullable<
    GetObjectCommandOutput['Body']
  >;

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', POWERTOOLS_LOG_LEVEL: 'SILENT' });
  return (await import('./handler.ts')).handler as Handler;
};

describe('validateImage handler', () => {
  beforeEach(() => s3.reset());

  it('answers a verdict from one range of the original', async () => {
    const handler = await loadHandler();
    s3.on(GetObjectCommand).resolves({ Body: bodyOf(jpegOf({ width: 640, height: 480 })) });
    await expect(handler({ task: task(70_000) }, context)).resolves.toMatchObject({
      verdict: 'accepted',
      header: { format: 'jpeg', width: 640, height: 480 },
    });
    expect(s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input)).toEqual([
      { Bucket: 'originals', Key: 'originals/00/01ARZ3NDEKTSV4RRFFQ69G5FAV/source', Range: 'bytes=0-65535' },
    ]);
  });

  // S3: a range that the object does not reach is answered 416 InvalidRange, as is any range of an empty object.
  it('takes a range that is not there for an empty file', async () => {
    const handler = await loadHandler();
    const refusal = { name: 'InvalidRange', $fault: 'client', $metadata: { httpStatusCode: 416 } } as const;
    s3.on(GetObjectCommand).rejects(new S3ServiceException(refusal));
    await expect(handler({ task: task(10) }, context)).resolves.toMatchObject({ reason: { code: 'EMPTY_FILE' } });
  });

  it('names throttling TransientError, which the state machine retries', async () => {
    const handler = await loadHandler();
    const slow = { name: 'SlowDown', $fault: 'server', $metadata: { httpStatusCode: 503 } } as const;
    s3.on(GetObjectCommand).rejects(new S3ServiceException(slow));
    await expect(handler({ task: task(10) }, context)).rejects.toMatchObject({ name: 'TransientError' });
  });

  it('refuses an event that is no task', async () => {
    const handler = await loadHandler();
    await expect(handler({ task: {} }, context)).rejects.toMatchObject({ name: 'InvalidEventError' });
  });
});
