import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { createGetImage, createGetImages, createQueryIds } from '../src/adapters/catalogue-reads.ts';
import {
  createBuryImage,
  createReleaseClaim,
  createSwapVersion,
  createWriteTerminal,
} from '../src/adapters/catalogue-writes.ts';
import { listImages } from '../src/core/list-images.ts';
import { startCatalogue, type TestCatalogue } from '../../../test/support/catalogue.ts';
import {
  header,
  IMAGE_ID,
  metadata,
  NOW,
  nthId,
  processing,
  ready,
  tombstone,
  variants,
  VERSION,
} from './support/fixtures.ts';

let catalogue: TestCatalogue;
beforeAll(async () => {
  catalogue = await startCatalogue();
});
afterAll(async () => {
  await catalogue.stop();
});

const reads = (onMalformed: (error: Error) => void = () => undefined) => {
  const { client, table } = catalogue;
  return {
    getImage: createGetImage(client, table),
    getImages: createGetImages(client, table, onMalformed),
    queryIds: createQueryIds(client, table),
  };
};
const writes = () => {
  const { client, table } = catalogue;
  const fenced = { client, table, getImage: reads().getImage };
  return {
    writeTerminal: createWriteTerminal(fenced),
    release: createReleaseClaim(fenced),
    bury: createBuryImage(client, table),
  };
};
const leasesOf = async (shard: string) => {
  const { Items = [] } = await catalogue.client.send(
    new QueryCommand({
      TableName: catalogue.table,
      IndexName: 'byLease',
      KeyConditionExpression: 'leaseShard = :shard',
      ExpressionAttributeValues: { ':shard': shard },
    }),
  );
  return Items.map((item) => String(item['imageId']));
};
const at = new Date(NOW).toISOString();
const claim = { imageId: IMAGE_ID, attempt: 1 };

describe('terminal writes', () => {
  it('make a claimed image READY and take it out of the lease index', async () => {
    await catalogue.put(processing({ leaseShard: 'L1' }));
    await expect(leasesOf('L1')).resolves.toEqual([IMAGE_ID]);

    const written = await writes().writeTerminal(claim, { status: 'READY', header, metadata, variants }, at);

    // The message that held the claim stays named: its redelivery means that the event may be missing.
    const ended = { ...ready(), claimMessageId: 'm', claimReceiveCount: 1 };
    expect(written).toEqual({ held: true, record: ended });
    await expect(reads().getImage(IMAGE_ID)).resolves.toEqual(ended);
    await expect(leasesOf('L1')).resolves.toEqual([]);
  });

  it('keep the reason of a rejection', async () => {
    await catalogue.put(processing());
    const reason = { code: 'TOO_LARGE' as const, message: 'too many pixels' };
    const written = await writes().writeTerminal(claim, { status: 'REJECTED', reason }, at);
    expect(written).toMatchObject({ held: true, record: { status: 'REJECTED', reason, variants: [] } });
  });

  it.each([
    ['a newer attempt holds the image', processing({ attempt: 2 })],
    ['the image is terminal', ready()],
    ['the image is deleted', tombstone()],
  ])('change nothing when %s, and say what is there', async (_, existing) => {
    await catalogue.put(existing);
    const reason = { code: 'INTERNAL' as const, message: 'late' };
    await expect(writes().writeTerminal(claim, { status: 'FAILED', reason }, at)).resolves.toEqual({
      held: false,
      existing,
    });
    await expect(writes().release(claim, 'late', NOW)).resolves.toEqual({ held: false, existing });
    await expect(reads().getImage(IMAGE_ID)).resolves.toEqual(existing);
  });

  it('make no record where there is none', async () => {
    const missing = { imageId: nthId(999), attempt: 1 };
    await expect(writes().release(missing, 'late', NOW)).resolves.toEqual({ held: false, existing: undefined });
    await expect(reads().getImage(missing.imageId)).resolves.toBeUndefined();
  });
});

describe('a released claim', () => {
  it('stays PROCESSING with a lease that has ended, where the sweeper looks', async () => {
    await catalogue.put(processing({ leaseShard: 'L2' }));
    const written = await writes().release(claim, 'Sandbox.Timedout', NOW);
    expect(written).toMatchObject({
      held: true,
      record: {
        status: 'PROCESSING',
        attempt: 1,
        leaseUntil: NOW,
        reason: { code: 'INTERNAL', message: 'Sandbox.Timedout' },
      },
    });
    await expect(leasesOf('L2')).resolves.toEqual([IMAGE_ID]);
  });
});

describe('a swap of versions', () => {
  const NEW = 'ffffffffffff';
  const swapped = (claim = { imageId: IMAGE_ID, attempt: 1 }, replaces = VERSION) => {
    const { client, table } = catalogue;
    const swap = createSwapVersion({ client, table, getImage: createGetImage(client, table) });
    return swap(claim, { replaces, version: NEW, variants: [] }, '2026-11-24T20:40:00.000Z');
  };

  it('changes version and variants of a READY image, and nothing else', async () => {
    await catalogue.put(ready());
    const answer = await swapped();
    const { metadata } = ready();
    expect(answer).toMatchObject({ held: true });
    expect(await catalogue.get(IMAGE_ID)).toEqual({
      ...ready(),
      metadata: { ...metadata, version: NEW },
      variants: [],
      updatedAt: '2026-11-24T20:40:00.000Z',
    });
  });

  it.each([
    ['another attempt', ready({ attempt: 2 })],
    ['an image that is not READY', processing()],
    ['a tombstone', tombstone()],
  ])('is refused for %s', async (_what, record) => {
    await catalogue.put(record);
    await expect(swapped()).resolves.toEqual({ held: false, existing: record });
    expect(await catalogue.get(IMAGE_ID)).toEqual(record);
  });

  it('is refused for another version, and for an image that is not there', async () => {
    await catalogue.put(ready());
    await expect(swapped(undefined, 'eeeeeeeeeeee')).resolves.toMatchObject({ held: false });
    await catalogue.remove(IMAGE_ID);
    await expect(swapped()).resolves.toEqual({ held: false, existing: undefined });
  });
});

describe('burial', () => {
  const burial = { imageId: IMAGE_ID, tenant: 'acme', at, expiresAt: NOW / 1000 + 60 };

  it('answers the image as it was and keeps no trace of the picture', async () => {
    await catalogue.put(processing({ leaseShard: 'L3', header }));
    await expect(writes().bury(burial)).resolves.toMatchObject({ status: 'PROCESSING', header });
    await expect(reads().getImage(IMAGE_ID)).resolves.toEqual(tombstone());
    await expect(leasesOf('L3')).resolves.toEqual([]);
  });

  it('happens once', async () => {
    await catalogue.put(ready());
    const both = await Promise.all([writes().bury(burial), writes().bury(burial)]);
    expect(both.filter((old) => old !== undefined)).toHaveLength(1);
  });

  it("leaves another tenant's image alone", async () => {
    await catalogue.put(ready({ tenant: 'other' }));
    await expect(writes().bury(burial)).resolves.toBeUndefined();
    await expect(reads().getImage(IMAGE_ID)).resolves.toMatchObject({ status: 'READY' });
  });
});

describe('lists', () => {
  const pagesOf = async (viewer: { tenant: string; owner: string | null }, limit: number, ports = reads()) => {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await listImages(ports, viewer, { limit, cursor });
      pages.push(page.images.map((record) => record.imageId));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return pages;
  };

  it("page through a tenant's or an owner's images, newest first", async () => {
    for (let n = 0; n < 7; n += 1)
      await catalogue.put(ready({ imageId: nthId(n), tenant: 'lists', owner: n % 2 === 0 ? 'ada' : 'bob' }));
    await catalogue.put(tombstone({ imageId: nthId(5), tenant: 'lists', owner: 'bob' }));

    const all = await pagesOf({ tenant: 'lists', owner: null }, 2);
    const adas = await pagesOf({ tenant: 'lists', owner: 'ada' }, 3);

    expect(all.flat()).toEqual([6, 4, 3, 2, 1, 0].map(nthId));
    expect(Math.max(...all.map((page) => page.length))).toBe(2);
    expect(adas.flat()).toEqual([6, 4, 2, 0].map(nthId));
    await expect(pagesOf({ tenant: 'nobody', owner: null }, 2)).resolves.toEqual([[]]);
  });

  it('leave out what is no record, and say so', async () => {
    await catalogue.put(ready({ imageId: nthId(1), tenant: 'broken' }));
    await catalogue.put({ imageId: nthId(2), tenant: 'broken', status: 'PERHAPS' });
    const malformed: string[] = [];
    const ports = reads((error) => malformed.push(error.message));

    await expect(pagesOf({ tenant: 'broken', owner: null }, 5, ports)).resolves.toEqual([[nthId(1)]]);

    expect(malformed).toEqual([expect.stringContaining(nthId(2))]);
    await expect(reads().getImage(nthId(2))).rejects.toMatchObject({ name: 'MalformedRecordError' });
  });

  it('read a hundred images in one go', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => nthId(n + 1_000));
    await Promise.all(ids.map((imageId) => catalogue.put(ready({ imageId, tenant: 'many' }))));
    const page = await listImages(reads(), { tenant: 'many', owner: null }, { limit: 100 });
    expect(page.images.map((record) => record.imageId)).toEqual([...ids].reverse());
  });
});
