import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { StoreInput } from '@darkroom/types/workflow';
import { decodeTime } from 'ulid';
import { createGetImage, createGetImages, createQueryIds } from '../src/adapters/catalogue-reads.ts';
import { createWriteReview } from '../src/adapters/catalogue-review.ts';
import {
  createBuryImage,
  createReleaseClaim,
  createSwapVersion,
  createWriteTerminal,
} from '../src/adapters/catalogue-writes.ts';
import { createDeletePostings, createQueryPostings, createWritePostings } from '../src/adapters/postings.ts';
import { deleteImage } from '../src/core/delete-image.ts';
import { FIRST_ID, LAST_ID } from '../src/core/id-range.ts';
import { listImages, type ListQuery } from '../src/core/list-images.ts';
import { similarImages } from '../src/core/search/similar-images.ts';
import { type Posting, postingsOf } from '../src/core/search/terms.ts';
import { type StorePorts, storeResults } from '../src/core/store-results.ts';
import { startCatalogue, type TestCatalogue } from '../../../test/support/catalogue.ts';
import {
  described,
  header,
  IMAGE_ID,
  inReview,
  metadata,
  NOW,
  nthId,
  processing,
  ready,
  task,
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
    queryPostings: createQueryPostings({ client, table: catalogue.terms }),
  };
};
const writes = () => {
  const { client, table } = catalogue;
  const fenced = { client, table, getImage: reads().getImage };
  return {
    writeTerminal: createWriteTerminal(fenced),
    release: createReleaseClaim(fenced),
    swapVersion: createSwapVersion(fenced),
    bury: createBuryImage(client, table),
    writeReview: createWriteReview(client, table),
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
const never = (): never => {
  throw new Error('expected a moderation');
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

describe('a review', () => {
  const held = inReview({ claimMessageId: 'm', claimReceiveCount: 1 });
  const decide = (decision: 'approve' | 'reject', record = held) => writes().writeReview({ record, decision, at });

  it('that approves puts the image where the sweeper looks, under a new attempt', async () => {
    await catalogue.put(held);

    const written = await decide('approve');

    const shard = written?.leaseShard ?? '';
    const review = { decision: 'approve', at, etag: 'e', attempt: 2 } as const;
    expect(written).toEqual(
      inReview({ status: 'PROCESSING', attempt: 2, terminalAt: null, leaseShard: shard, leaseUntil: 0, review }),
    );
    await expect(leasesOf(shard)).resolves.toContain(IMAGE_ID);
    // Whoever wrote REVIEW cannot write it again.
    await expect(
      writes().writeTerminal(claim, { status: 'REVIEW', header, metadata, moderation: held.moderation ?? never() }, at),
    ).resolves.toMatchObject({ held: false });
  });

  it('that rejects is an end with its reason', async () => {
    await catalogue.put(held);
    await expect(decide('reject')).resolves.toMatchObject({
      status: 'REJECTED',
      attempt: 2,
      reason: { code: 'NOT_ALLOWED' },
      moderation: held.moderation,
      review: { decision: 'reject', attempt: 2 },
    });
  });

  it.each([
    ['the image is no longer in review', ready()],
    ['a newer attempt held it back again', inReview({ attempt: 2 })],
    ['it has other bytes by now', inReview({ etag: 'newer' })],
    ['it was deleted', tombstone()],
  ])('changes nothing when %s', async (_what, existing) => {
    await catalogue.put(existing);
    await expect(decide('approve')).resolves.toBeUndefined();
    await expect(reads().getImage(IMAGE_ID)).resolves.toEqual(existing);
  });

  it('happens once, whoever asks', async () => {
    await catalogue.put(held);
    const both = await Promise.all([decide('approve'), decide('reject')]);
    expect(both.filter((record) => record !== undefined)).toHaveLength(1);
  });

  it('is forgotten with the image', async () => {
    await catalogue.put(held);
    await decide('reject');
    await writes().bury({ imageId: IMAGE_ID, tenant: 'acme', at, expiresAt: NOW / 1000 + 60 });
    await expect(reads().getImage(IMAGE_ID)).resolves.toEqual(tombstone({ attempt: 2, terminalAt: at }));
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

describe('the search index', () => {
  const index = () => {
    const postings = { client: catalogue.client, table: catalogue.terms };
    return {
      write: createWritePostings(postings),
      remove: createDeletePostings(postings),
      query: createQueryPostings(postings),
    };
  };
  const store = async (record: ReturnType<typeof ready>) => {
    await catalogue.put(record);
    await index().write(postingsOf(record));
  };
  const everything = { from: FIRST_ID, upTo: LAST_ID };
  const found = async (
    viewer: { tenant: string; owner: string | null },
    search: Omit<ListQuery, 'limit' | 'cursor'>,
  ) => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listImages(reads(), viewer, { ...search, limit: 3, cursor });
      ids.push(...page.images.map((record) => record.imageId));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return ids;
  };

  it('keeps more postings than one batch holds, takes them twice, and gives them back newest first, within bounds', async () => {
    const postings: Posting[] = Array.from({ length: 60 }, (_, n) => ({
      term: 'bounds',
      imageId: nthId(n),
      hash: 'f'.repeat(16),
    }));
    await index().write(postings);
    await index().write(postings);
    await expect(index().query({ term: 'bounds', from: nthId(10), upTo: nthId(13), limit: 3 })).resolves.toEqual({
      postings: [13, 12, 11].map((n) => ({ imageId: nthId(n), hash: 'f'.repeat(16) })),
      last: nthId(11),
    });
    await index().remove(postings);
    await index().remove(postings);
    await expect(index().query({ term: 'bounds', ...everything, limit: 99 })).resolves.toEqual({
      postings: [],
      last: undefined,
    });
  });

  it("finds a tenant's and an owner's images by words and time, page by page", async () => {
    for (let n = 0; n < 12; n += 1)
      await store(
        ready({
          imageId: nthId(n),
          tenant: 'search',
          owner: n % 3 === 0 ? 'ada' : 'bob',
          metadata: n % 2 === 0 ? described : metadata,
        }),
      );
    const all = { tenant: 'search', owner: null };
    const ada = { tenant: 'search', owner: 'ada' };

    await expect(found(all, { tag: 'dog' })).resolves.toEqual([10, 8, 6, 4, 2, 0].map(nthId));
    await expect(found(ada, { tag: 'dog', camera: 'Canon' })).resolves.toEqual([6, 0].map(nthId));
    await expect(found(ada, { camera: 'camera' })).resolves.toEqual([9, 3].map(nthId));
    await expect(found({ tenant: 'other', owner: null }, { tag: 'dog' })).resolves.toEqual([]);
    // All of these ids carry one instant.
    const instant = decodeTime(nthId(0));
    await expect(found(all, { tag: 'dog', from: instant, to: instant + 1 })).resolves.toHaveLength(6);
    await expect(found(all, { from: instant + 1 })).resolves.toEqual([]);
    await expect(found(ada, { to: instant + 1 })).resolves.toHaveLength(4);
  });

  it('finds what looks alike for a tenant and for an owner, and nothing else', async () => {
    const hashes = ['00000000000000ff', '0102040810204180', '00000000000003f8', 'ffffffffffffffff', '0000000000000000'];
    for (const [n, perceptualHash] of hashes.entries())
      await store(
        ready({
          imageId: nthId(n),
          tenant: 'twins',
          owner: n === 2 ? 'bob' : 'ada',
          metadata: { ...metadata, perceptualHash },
        }),
      );
    const similarTo = async (owner: string | null) => {
      const { similar } = await similarImages(reads(), { tenant: 'twins', owner }, { imageId: nthId(0), limit: 50 });
      return similar.map(({ record, distance }) => [record.imageId, distance]);
    };
    const distant = [nthId(4), 8];
    await expect(similarTo(null)).resolves.toEqual([distant, [nthId(2), 5]]);
    await expect(similarTo('ada')).resolves.toEqual([distant]);
  });

  it('heals when a crash came between the record and the index: the redelivery writes it', async () => {
    const imageId = nthId(77);
    await catalogue.put(processing({ imageId, tenant: 'healed' }));
    const events: string[] = [];
    const ports: StorePorts = {
      ...writes(),
      swapVersion: () => Promise.reject(new Error('expected no swap')),
      getImage: reads().getImage,
      writePostings: () => Promise.reject(new Error('crash')),
      deletePostings: index().remove,
      emit: ({ type }) => {
        events.push(type);
        return Promise.resolve();
      },
      record: () => undefined,
      now: () => NOW,
      maxAttempts: 3,
    };
    const input: StoreInput = {
      outcome: 'ready',
      task: task({ imageId, tenant: 'healed' }),
      header,
      metadata: described,
      families: [{ family: 'thumbnail', variants }],
    };
    const viewer = { tenant: 'healed', owner: null };

    await expect(storeResults(ports, input)).rejects.toThrow('crash');
    await expect(found(viewer, { tag: 'dog' })).resolves.toEqual([]);
    expect(events).toEqual([]);

    await expect(storeResults({ ...ports, writePostings: index().write }, input)).resolves.toMatchObject({
      status: 'READY',
    });
    await expect(found(viewer, { tag: 'dog' })).resolves.toEqual([imageId]);
    expect(events).toEqual(['image.ready']);
  });

  it('forgets an image that is deleted, under every term', async () => {
    const record = ready({ imageId: nthId(78), tenant: 'forgotten', metadata: described });
    await store(record);
    const owner = { tenant: 'forgotten', owner: 'ada' };
    const ports = {
      getImage: reads().getImage,
      bury: writes().bury,
      deletePostings: index().remove,
      emit: () => Promise.resolve(),
      now: () => NOW,
    };
    await deleteImage(ports, owner, record.imageId);
    for (const { term } of postingsOf(record))
      await expect(index().query({ term, ...everything, limit: 9 })).resolves.toEqual({
        postings: [],
        last: undefined,
      });
  });
});
