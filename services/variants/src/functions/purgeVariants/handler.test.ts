import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { IMAGE_ID, task, VERSION } from '../../../test/support/pictures.ts';

const s3 = mockClient(S3Client);
const context = { functionName: 'purgeVariants', awsRequestId: 'r', memoryLimitInMB: '256' };
const event = {
  'detail-type': 'image.deleted',
  source: 'darkroom.test',
  detail: {
    schemaVersion: 1,
    imageId: IMAGE_ID,
    tenant: 'acme',
    owner: null,
    attempt: 1,
    uploadedAt: task.uploadedAt,
    at: task.uploadedAt,
    bucket: task.bucket,
    key: task.key,
    version: VERSION,
  },
};

type Handler = (event: unknown, context: unknown) => Promise<unknown>;
const loadHandler = async (): Promise<Handler> => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    VARIANTS_BUCKET: 'variants-bucket',
  });
  return (await import('./handler.ts')).handler as Handler;
};
const page = (...names: string[]) => ({ Contents: names.map((Key) => ({ Key })) });

describe('purgeVariants handler', () => {
  beforeEach(() => s3.reset());

  it('deletes every rendition of the image, page after page', async () => {
    const handler = await loadHandler();
    s3.on(ListObjectsV2Command).resolvesOnce(page('a', 'b')).resolvesOnce(page('c')).resolves({});
    s3.on(DeleteObjectsCommand).resolves({});
    await expect(handler(event, context)).resolves.toEqual({ imageId: IMAGE_ID, deleted: 3 });
    expect(s3.commandCalls(ListObjectsV2Command)[0]?.args[0].input).toEqual({
      Bucket: 'variants-bucket',
      Prefix: `v/${IMAGE_ID}/`,
    });
    expect(s3.commandCalls(DeleteObjectsCommand).map(({ args }) => args[0].input.Delete?.Objects)).toEqual([
      [{ Key: 'a' }, { Key: 'b' }],
      [{ Key: 'c' }],
    ]);
  });

  it('deletes the renditions of a version that another one replaced, and no others', async () => {
    const handler = await loadHandler();
    const { bucket: _bucket, key: _key, ...detail } = event.detail;
    const more = { version: 'ffffffffffff', replaces: VERSION, width: 1, height: 1, variants: [] };
    s3.on(ListObjectsV2Command).resolvesOnce(page('a')).resolves({});
    s3.on(DeleteObjectsCommand).resolves({});
    const replaced = { ...event, 'detail-type': 'image.ready', detail: { ...detail, ...more } };
    await expect(handler(replaced, context)).resolves.toEqual({ imageId: IMAGE_ID, deleted: 1 });
    expect(s3.commandCalls(ListObjectsV2Command)[0]?.args[0].input.Prefix).toBe(`v/${IMAGE_ID}/${VERSION}/`);
    const itself = { ...replaced, detail: { ...replaced.detail, version: VERSION } };
    await expect(handler(itself, context)).resolves.toEqual({ imageId: IMAGE_ID, deleted: 0 });
  });

  it('deletes nothing where nothing is left', async () => {
    const handler = await loadHandler();
    s3.on(ListObjectsV2Command).resolves({});
    await expect(handler(event, context)).resolves.toEqual({ imageId: IMAGE_ID, deleted: 0 });
    expect(s3.commandCalls(DeleteObjectsCommand)).toHaveLength(0);
  });

  it('fails when S3 keeps a key, so that the event comes again', async () => {
    const handler = await loadHandler();
    s3.on(ListObjectsV2Command).resolves(page('a'));
    s3.on(DeleteObjectsCommand).resolves({ Errors: [{ Key: 'a', Code: 'InternalError' }] });
    await expect(handler(event, context)).rejects.toThrow('InternalError');
  });

  it('refuses other events', async () => {
    const handler = await loadHandler();
    await expect(handler({ ...event, 'detail-type': 'image.ready' }, context)).rejects.toMatchObject({
      name: 'InvalidEventError',
    });
  });
});
