import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { developedKey, originalKey } from '@darkroom/types/keys';
import { mockClient } from 'aws-sdk-client-mock';
import { IMAGE_ID } from '../../../test/support/fixtures.ts';

const s3 = mockClient(S3Client);

const deleted = (key: string) => ({
  'detail-type': 'image.deleted',
  source: 'darkroom.test',
  detail: {
    schemaVersion: 1,
    imageId: IMAGE_ID,
    tenant: 'acme',
    owner: 'ada',
    attempt: 1,
    uploadedAt: '2026-11-23T20:40:00.000Z',
    at: '2026-11-23T20:41:00.000Z',
    bucket: 'darkroom-test-originals',
    key,
    version: '0123456789ab',
  },
});

type Handler = (event: unknown, context: unknown) => Promise<void>;
const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    ORIGINALS_BUCKET: 'darkroom-test-originals',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  s3.on(DeleteObjectCommand).resolves({});
  return (await import('./handler.ts')).handler as Handler;
};

describe('purgeOriginal handler', () => {
  it('deletes the original an event names, and refuses what is no such event', async () => {
    const handler = await loadHandler();
    const context = { functionName: 'purgeOriginal', awsRequestId: 'r', memoryLimitInMB: '256' };

    await handler(deleted(originalKey(IMAGE_ID)), context);
    await expect(handler(deleted('staging/x'), context)).rejects.toMatchObject({ name: 'InvalidEventError' });
    await expect(handler({ detail: {} }, context)).rejects.toMatchObject({ name: 'InvalidEventError' });

    expect(s3.commandCalls(DeleteObjectCommand).map((call) => call.args[0].input)).toEqual([
      { Bucket: 'darkroom-test-originals', Key: developedKey(IMAGE_ID) },
      { Bucket: 'darkroom-test-originals', Key: originalKey(IMAGE_ID) },
    ]);
  });
});
