import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CopyObjectCommand, DeleteObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { variantVersion } from '../../packages/runtime/src/version.ts';
import { type ImageRecord, imageRecordSchema } from '../../packages/types/src/image.ts';
import { ladder } from '../../packages/types/src/ladder.ts';
import { clientConfig, s3Of } from '../support/aws.ts';
import { startCli } from '../support/cli.ts';
import { developed, imageOf, prefixOf, sample, send, until, verdict } from '../support/develop.ts';
import { startSystem, type TestSystem } from '../support/system.ts';

const BUCKET = 'darkroom-local-variants-000000000000-us-east-1';
const TABLE = 'darkroom-local-catalogue';
const IMAGES = 14;

let system: TestSystem;
let s3: S3Client;
let catalogue: DynamoDBDocumentClient;
beforeAll(async () => {
  system = await startSystem();
  s3 = s3Of(system.endpoint);
  catalogue = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(system.endpoint)));
}, 120_000);
afterAll(async () => {
  s3.destroy();
  catalogue.destroy();
  await system.stop();
}, 30_000);

const keysUnder = async (Prefix: string): Promise<string[]> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
  return Contents.map(({ Key }) => Key ?? '');
};

const recordOf = async (imageId: string): Promise<ImageRecord> =>
  imageRecordSchema.parse((await catalogue.send(new GetCommand({ TableName: TABLE, Key: { imageId } }))).Item);

/** Makes an image look as the ladder's revision before this one left it: files, record and all. Answers its prefix then. */
const aged = async (imageId: string): Promise<string> => {
  const record = await recordOf(imageId);
  const { metadata } = record;
  if (metadata === null) throw new Error('expected metadata');
  const version = variantVersion(metadata.sha256, ladder.revision - 1);
  const renamed = (key: string): string => key.replace(metadata.version, version);
  for (const key of await keysUnder(`v/${imageId}/`)) {
    await s3.send(new CopyObjectCommand({ Bucket: BUCKET, CopySource: `${BUCKET}/${key}`, Key: renamed(key) }));
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
  }
  const variants = record.variants.map((variant) => ({ ...variant, key: renamed(variant.key) }));
  await catalogue.send(
    new PutCommand({ TableName: TABLE, Item: { ...record, metadata: { ...metadata, version }, variants } }),
  );
  return `v/${imageId}/${version}`;
};

/** As a browser gets it. A machine whose cores are all taken may let the edge wait too long for its origin: then once more. */
const statusOf = async (url: string): Promise<string> => {
  const { status } = await fetch(url);
  if (status !== 503) return String(status);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return String((await fetch(url)).status);
};

const reprocess = async (...more: string[]): Promise<unknown> => {
  const run = startCli(['reprocess', '--tenant', 'default', '--json', '--data', system.dir, ...more]);
  const { stdout, stderr } = await run.finished;
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
};

describe('a changed ladder', () => {
  it('is brought to the images of a tenant while they are served, and behind fresh uploads', async () => {
    // Prepare
    const photo = sample('nokia-lumia-800.jpg');
    const ids: string[] = [];
    for (let n = 0; n < IMAGES; n += 1) ids.push((await developed(system, photo)).imageId);
    const olds = new Map<string, string>();
    for (const imageId of ids) olds.set(imageId, await aged(imageId));
    const [first = ''] = ids;
    const old = olds.get(first) ?? '';

    // Act
    const watch = { isOver: false };
    const statuses = new Set<string>();
    const watching = (async () => {
      while (!watch.isOver) {
        statuses.add((await imageOf(system, first)).status);
        statuses.add(await statusOf(`${system.cdn}/${old}/640-n.jpeg`));
        statuses.add(await statusOf(`${system.cdn}/i/${old.slice(2)}?w=300`));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    expect(await reprocess()).toEqual({ examined: IMAGES, queued: IMAGES });
    const fresh = await verdict(system, await send(system, sample('orientation-6.jpg')));
    const waiting = (await Promise.all(ids.map(recordOf))).filter(
      ({ imageId, metadata }) => olds.get(imageId) === `v/${imageId}/${metadata?.version ?? ''}`,
    );
    await until(async () => {
      const left = (await Promise.all(ids.map((imageId) => keysUnder(`${olds.get(imageId) ?? ''}/`)))).flat();
      return left.length === 0 ? true : undefined;
    }, 90);
    watch.isOver = true;
    await watching;

    // Assess: fresh uploads overtook, nobody noticed, everything is new.
    expect(fresh.status).toBe('READY');
    expect(waiting.length).toBeGreaterThan(0);
    expect([...statuses].sort()).toEqual(['200', 'READY']);
    for (const imageId of ids) {
      const { metadata, variants, attempt } = await recordOf(imageId);
      expect(metadata?.version).toBe(variantVersion(metadata?.sha256 ?? '', ladder.revision));
      expect(attempt).toBe(1);
      expect((await keysUnder(`v/${imageId}/`)).sort()).toEqual(variants.map(({ key }) => key).sort());
    }
    const image = await imageOf(system, first);
    for (const { url } of image.variants) expect((await fetch(url)).status).toBe(200);
    // An address that no cache holds leads to the same picture under the new version.
    const moved = await fetch(`${system.cdn}/${old}/320-n.avif`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, `/${prefixOf(image)}/320-n.avif`]);

    expect(await reprocess()).toEqual({ examined: IMAGES + 1, queued: 0 });
  }, 240_000);

  it('is brought to the images that are named, and to nobody else’s', async () => {
    const { imageId } = await developed(system, sample('orientation-6.jpg'));
    const old = await aged(imageId);
    const run = startCli(['reprocess', '--tenant', 'somebody', '--json', '--data', system.dir, imageId]);
    expect(JSON.parse((await run.finished).stdout)).toEqual({ examined: 1, queued: 0 });
    expect(await reprocess(imageId)).toEqual({ examined: 1, queued: 1 });
    await until(async () => ((await keysUnder(`${old}/`)).length === 0 ? true : undefined));
  }, 120_000);

  it('takes no name of a tenant that is none', async () => {
    const run = startCli(['reprocess', '--tenant', 'no/tenant', '--json', '--data', system.dir]);
    const { stdout } = await run.finished;
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'API_ERROR' } });
  });
});
