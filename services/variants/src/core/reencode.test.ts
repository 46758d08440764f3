import type { ImageRecord } from '@darkroom/types/image';
import { developedKey, type VariantName, variantKey } from '@darkroom/types/keys';
import { ladder } from '@darkroom/types/ladder';
import sharp from 'sharp';
import { difference, fixture, header, IMAGE_ID, metadata, record, VERSION } from '../../test/support/pictures.ts';
import type { StoredFacts } from '../ports.ts';
import { reencode, type ReencodePorts } from './reencode.ts';
import { renderOne } from './render-variant.ts';

const name = { imageId: IMAGE_ID, version: VERSION, width: 320, tier: 'n', format: 'avif' } as const;
const KEY = variantKey(name);

type Shown = Parameters<typeof renderOne>[1];
const image = record() as Shown;

const setUp = async (answers: readonly (ImageRecord | undefined)[] = [image], of: VariantName = name) => {
  const first = await renderOne({ ladder, readOriginal: () => Promise.resolve(fixture('landscape_1.jpg')) }, image, of);
  const files = new Map<string, { data: Buffer; facts: StoredFacts }>([
    [variantKey(of), { data: first, facts: { etag: '"1"', bytes: first.length, effort: 0 } }],
  ]);
  const read: string[] = [];
  let asked = 0;
  const ports: ReencodePorts = {
    ladder,
    effort: 4,
    qualityOffset: -2,
    findImage: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]),
    readOriginal: ({ key }) => {
      read.push(key);
      return Promise.resolve(fixture('landscape_1.jpg'));
    },
    headVariant: (key) => Promise.resolve(files.get(key)?.facts),
    replaceVariant: (key, data, { etag, effort }) => {
      if (files.get(key)?.facts.etag !== etag) return Promise.resolve(false);
      files.set(key, { data, facts: { etag: '"2"', bytes: data.length, effort } });
      return Promise.resolve(true);
    },
    deleteVariant: (key) => {
      files.delete(key);
      return Promise.resolve();
    },
  };
  return { ports, files, first, read };
};

describe('reencode', () => {
  it('stores fewer bytes of the same picture under the same key, and does it once', async () => {
    const { ports, files, first, read } = await setUp();
    const result = await reencode(ports, KEY);
    const now = files.get(KEY);
    expect(result).toEqual({ outcome: 'smaller', before: first.length, after: now?.data.length });
    expect(now?.data.length).toBeLessThan(first.length);
    const [before, after] = [await sharp(first).metadata(), await sharp(now?.data).metadata()];
    expect([after.width, after.height, after.format]).toEqual([before.width, before.height, before.format]);
    expect(now?.facts.effort).toBe(4);

    await expect(reencode(ports, KEY)).resolves.toEqual({ outcome: 'done' });
    expect(read).toHaveLength(1);
  });

  it('codes a square again as the same square', async () => {
    const square = { ...name, tier: 's' } as const;
    const { ports, files, first } = await setUp([image], square);
    await expect(reencode(ports, variantKey(square))).resolves.toMatchObject({ outcome: 'smaller' });
    const now = files.get(variantKey(square))?.data ?? Buffer.alloc(0);
    expect(now.length).toBeLessThan(first.length);
    expect(await sharp(now).metadata()).toMatchObject({ width: 300, height: 300 });
    expect(await difference(now, first)).toBeLessThan(6);
  });

  it('keeps what is there when better coding is not smaller', async () => {
    const { ports, files } = await setUp();
    files.set(KEY, { data: Buffer.alloc(10), facts: { etag: '"1"', bytes: 10, effort: 0 } });
    await expect(reencode(ports, KEY)).resolves.toMatchObject({ outcome: 'kept', before: 10 });
    expect(files.get(KEY)?.data).toHaveLength(10);
  });

  it.each([
    ['was deleted', record({ status: 'DELETED' })],
    ['has another version by now', record({ metadata: metadata(450, 300, { version: 'ffffffffffff' }) })],
    ['is not known', undefined],
  ])('leaves an image alone that %s', async (_what, found) => {
    const { ports, files, first } = await setUp([found]);
    await expect(reencode(ports, KEY)).resolves.toEqual({ outcome: 'gone' });
    expect(files.get(KEY)?.data).toBe(first);
  });

  it('brings nothing back that was deleted while it was coded', async () => {
    const { ports, files } = await setUp();
    const purged = { ...ports, readOriginal: ports.readOriginal };
    const readOriginal: ReencodePorts['readOriginal'] = (object) => {
      files.delete(KEY);
      return purged.readOriginal(object);
    };
    await expect(reencode({ ...ports, readOriginal }, KEY)).resolves.toEqual({ outcome: 'gone' });
    expect(files.has(KEY)).toBe(false);
  });

  it('takes back what it stored when the image was deleted meanwhile', async () => {
    const { ports, files } = await setUp([image, record({ status: 'DELETED' })]);
    await expect(reencode(ports, KEY)).resolves.toEqual({ outcome: 'gone' });
    expect(files.has(KEY)).toBe(false);
  });

  it.each(['v/x', KEY.replace('avif', 'jpeg'), KEY.replace('320', '321')])('has nothing to do for %s', async (key) => {
    const { ports, read } = await setUp();
    await expect(reencode(ports, key)).resolves.toEqual({ outcome: 'gone' });
    expect(read).toEqual([]);
  });

  it('reads the pixels of a HEIC original from what was developed of it', async () => {
    const { ports, read } = await setUp([record({ header: header('heic', { width: 450, height: 300 }) })]);
    await reencode(ports, KEY);
    expect(read).toEqual([developedKey(IMAGE_ID)]);
  });
});
