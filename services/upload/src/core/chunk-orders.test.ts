import type { ByteRange } from '@darkroom/types/api';
import { IMAGE_ID, NOW, policy, storeOf } from '../../test/support/fixtures.ts';
import type { ChunkSigningOrder } from '../ports.ts';
import { requireListed, requireOrders, signChunks } from './chunk-orders.ts';

const UNIT = policy.chunkUnitBytes;
const SIZE = 20 * UNIT + 100;
const sha256 = 'b'.repeat(64);

/** What a check throws, or undefined. */
const thrownBy = (check: () => void): unknown => {
  try {
    check();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('requireOrders', () => {
  it.each([
    ['one unit', { offset: 0, size: UNIT }],
    ['many units', { offset: UNIT, size: 5 * UNIT }],
    ['the odd end of the file', { offset: 20 * UNIT, size: 100 }],
    ['units and the odd end', { offset: 18 * UNIT, size: 2 * UNIT + 100 }],
    ['the whole file', { offset: 0, size: SIZE }],
  ])('takes %s', (_, order) => {
    expect(thrownBy(() => requireOrders([order], SIZE, policy))).toBeUndefined();
  });

  it.each([
    ['begins beside the grid', { offset: 1, size: UNIT }, 'offset', 'must be a multiple of 65536'],
    [
      'begins at the end of the file',
      { offset: 21 * UNIT, size: 1 },
      'offset',
      "must be below the file's 1310820 bytes",
    ],
    [
      'ends a byte behind the file',
      { offset: 20 * UNIT, size: 101 },
      'size',
      "must end within the file's 1310820 bytes",
    ],
    [
      'is no whole unit within the file',
      { offset: 0, size: UNIT + 1 },
      'size',
      'must be a multiple of 65536, or end the file',
    ],
    [
      'is smaller than a unit within the file',
      { offset: 20 * UNIT, size: 99 },
      'size',
      'must be a multiple of 65536, or end the file',
    ],
  ])('refuses a chunk that %s', (_, order, field, message) => {
    const error = thrownBy(() => requireOrders([order], SIZE, policy));

    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      status: 400,
      message: `body.chunks.0.${field}: ${message}`,
      details: [{ path: `chunks.0.${field}`, message }],
    });
  });

  it('takes a chunk of the largest size and refuses one a unit larger', () => {
    const check = (size: number) => thrownBy(() => requireOrders([{ offset: 0, size }], policy.maxBytes, policy));

    expect(check(policy.maxChunkBytes)).toBeUndefined();
    expect(check(policy.maxChunkBytes + UNIT)).toMatchObject({
      details: [{ path: 'chunks.0.size', message: `must be at most ${policy.maxChunkBytes}` }],
    });
  });

  it('names every wrong chunk by its place, and of each the first rule that it breaks', () => {
    const orders: ByteRange[] = [
      { offset: 1, size: SIZE },
      { offset: 0, size: UNIT },
      { offset: 0, size: 5 },
    ];

    const error = thrownBy(() => requireOrders(orders, SIZE, policy));

    expect(error).toMatchObject({ details: [{ path: 'chunks.0.offset' }, { path: 'chunks.2.size' }] });
  });
});

describe('requireListed', () => {
  it('takes chunks of any size beside the grid, and the same bytes four times', () => {
    const orders = Array.from({ length: 4 }, () => [
      { offset: 0, size: 7 },
      { offset: 7, size: 18 },
    ]).flat();

    expect(thrownBy(() => requireListed(orders, 25))).toBeUndefined();
    expect(thrownBy(() => requireListed([...orders, { offset: 0, size: 1 }], 25))).toMatchObject({
      code: 'INVALID_REQUEST',
      details: [{ path: 'chunks', message: "must not list the file's 25 bytes more than 4 times" }],
    });
  });

  it.each([
    ['begins at the end of the file', { offset: 25, size: 1 }, 'chunks.0.offset'],
    ['ends a byte behind the file', { offset: 24, size: 2 }, 'chunks.0.size'],
  ])('refuses a chunk that %s', (_, order, path) => {
    expect(thrownBy(() => requireListed([order], 25))).toMatchObject({ code: 'INVALID_REQUEST', details: [{ path }] });
  });

  it('takes an empty list', () => {
    expect(thrownBy(() => requireListed([], 25))).toBeUndefined();
  });
});

describe('signChunks', () => {
  const signing = { ...storeOf(), policy, now: () => NOW };

  it('signs chunks in the order asked for, each with its own size and hash, until the policy ends them', async () => {
    const asked: ChunkSigningOrder[] = [];
    const signChunk = (order: ChunkSigningOrder) => {
      asked.push(order);
      return signing.signChunk(order);
    };
    const orders = [
      { offset: 20 * UNIT, size: 100, sha256 },
      { offset: 0, size: UNIT, sha256 },
    ];

    const answer = await signChunks({ ...signing, signChunk }, { imageId: IMAGE_ID, size: SIZE }, orders);

    expect(asked).toEqual(
      orders.map((order) => ({ imageId: IMAGE_ID, ...order, expiresInSeconds: policy.presignedSeconds })),
    );
    expect(answer.chunks.map(({ offset, size, headers }) => ({ offset, size, headers }))).toEqual(
      orders.map(({ offset, size }) => ({ offset, size, headers: { 'x-amz-checksum-sha256': sha256 } })),
    );
    expect(answer.expiresAt).toBe(new Date(NOW + policy.presignedSeconds * 1000).toISOString());
  });

  it('says an end that no URL falls short of, however long signing takes', async () => {
    let now = NOW;
    const slow = { ...signing, now: () => now };
    const signChunk: typeof signing.signChunk = (order) => {
      now += 60_000;
      return signing.signChunk(order);
    };

    const answer = await signChunks({ ...slow, signChunk }, { imageId: IMAGE_ID, size: SIZE }, [
      { offset: 0, size: UNIT, sha256 },
    ]);

    expect(answer.expiresAt).toBe(new Date(NOW + policy.presignedSeconds * 1000).toISOString());
  });

  it('signs none when one of them is wrong', async () => {
    const signChunk = () => Promise.reject(new Error('signed'));
    const orders = [
      { offset: 0, size: UNIT, sha256 },
      { offset: 3, size: UNIT, sha256 },
    ];

    const call = signChunks({ ...signing, signChunk }, { imageId: IMAGE_ID, size: SIZE }, orders);

    await expect(call).rejects.toMatchObject({ code: 'INVALID_REQUEST', details: [{ path: 'chunks.1.offset' }] });
  });

  it('answers an empty list for an empty list', async () => {
    const answer = await signChunks(signing, { imageId: IMAGE_ID, size: SIZE }, []);

    expect(answer.chunks).toEqual([]);
  });
});
