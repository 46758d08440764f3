import type { ImageRecord } from '@darkroom/types/image';
import { variantVersion } from '@darkroom/runtime/version';
import { developedKey } from '@darkroom/types/keys';
import { ladder } from '@darkroom/types/ladder';
import sharp from 'sharp';
import { fixture, header, IMAGE_ID, metadata, record, VERSION } from '../../test/support/pictures.ts';
import { type RenderVariantPorts, renderVariant } from './render-variant.ts';

const setUp = (answers: readonly (ImageRecord | undefined)[]) => {
  const stored: string[] = [];
  const deleted: string[] = [];
  let asked = 0;
  const ports: RenderVariantPorts = {
    ladder,
    findImage: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]),
    readOriginal: () => Promise.resolve(fixture('landscape_1.jpg')),
    storeNewVariant: (key) => Promise.resolve(void stored.push(key)),
    readVariant: () => Promise.resolve(undefined),
    takeLease: (key) => Promise.resolve({ key, holder: 'me' }),
    releaseLease: () => Promise.resolve(),
    now: () => 0,
    sleep: () => Promise.resolve(),
    random: () => 0,
    tell: () => undefined,
    deleteVariant: (key) => Promise.resolve(void deleted.push(key)),
  };
  return { ports, stored, deleted };
};
const key = (name: string, version = VERSION) => `v/${IMAGE_ID}/${version}/${name}`;

describe('renderVariant', () => {
  it.each(['avif', 'webp', 'jpeg'] as const)('makes a missing %s, stores it and answers it', async (format) => {
    const { ports, stored } = setUp([record()]);
    const answer = await renderVariant(ports, key(`320-n.${format}`));
    if (answer.kind !== 'file') throw new Error(`expected a file but received ${answer.kind}`);
    expect(await sharp(answer.data).metadata()).toMatchObject({ width: 320, height: 213 });
    expect(stored).toEqual([key(`320-n.${format}`)]);
  });

  it.each(['avif', 'webp', 'jpeg'] as const)(
    'makes a missing square as %s, whose side is the shorter one',
    async (format) => {
      const { ports, stored } = setUp([record()]);
      const answer = await renderVariant(ports, key(`320-s.${format}`));
      if (answer.kind !== 'file') throw new Error(`expected a file but received ${answer.kind}`);
      expect(await sharp(answer.data).metadata()).toMatchObject({ width: 300, height: 300 });
      expect(stored).toEqual([key(`320-s.${format}`)]);
    },
  );

  it('sends the square of a square picture to the whole of it, which was made at upload', async () => {
    const { ports, stored } = setUp([record({ metadata: metadata(500, 500) })]);
    await expect(renderVariant(ports, key('320-s.jpeg'))).resolves.toEqual({
      kind: 'redirect',
      path: `/${key('320-n.jpeg')}`,
    });
    expect(stored).toEqual([]);
  });

  it.each([
    ['2048-n.webp', '640-n.webp'],
    ['320-l.jpeg', '320-n.jpeg'],
    ['1600-l.avif', '640-n.avif'],
    ['640-s.avif', '320-s.avif'],
  ])('sends %s to %s, which is the same file, and makes nothing', async (asked, canonical) => {
    const { ports, stored } = setUp([record()]);
    await expect(renderVariant(ports, key(asked))).resolves.toEqual({
      kind: 'redirect',
      path: `/${key(canonical)}`,
    });
    expect(stored).toEqual([]);
  });

  it.each([
    ['nothing is known of', undefined],
    ['is being developed', record({ status: 'PROCESSING', header: null, metadata: null })],
    ['was rejected', record({ status: 'REJECTED' })],
    ['was deleted', record({ status: 'DELETED' })],
    ['has another version', record({ metadata: metadata(450, 300, { version: 'ffffffffffff' }) })],
  ])('has nothing of an image that %s', async (_what, image) => {
    const { ports, stored } = setUp([image]);
    await expect(renderVariant(ports, key('320-n.jpeg'))).resolves.toEqual({ kind: 'missing' });
    expect(stored).toEqual([]);
  });

  it.each([
    'v/x',
    key('321-n.jpeg'),
    key('320-x.jpeg'),
    key('960-s.jpeg'),
    key('0320-n.jpeg'),
    key('320-n.png'),
    `${key('320-n.jpeg')}/..`,
    'originals/00/a/source',
  ])('has nothing under %s', async (path) => {
    const { ports } = setUp([record()]);
    await expect(renderVariant(ports, path)).resolves.toEqual({ kind: 'missing' });
  });

  it('takes back what it stored when the image was deleted meanwhile', async () => {
    const { ports, stored, deleted } = setUp([record(), record({ status: 'DELETED' })]);
    await expect(renderVariant(ports, key('320-n.jpeg'))).resolves.toEqual({ kind: 'missing' });
    expect(deleted).toEqual(stored);
  });

  it('answers what somebody else has stored meanwhile, and makes nothing', async () => {
    const { ports, stored } = setUp([record()]);
    const there = Buffer.from('there');
    await expect(
      renderVariant({ ...ports, readVariant: () => Promise.resolve(there) }, key('320-n.avif')),
    ).resolves.toEqual({ kind: 'file', data: there, format: 'avif' });
    expect(stored).toEqual([]);
  });

  it('sends versions of an earlier ladder to the present one, in one step, and makes nothing', async () => {
    const sha256 = 'a'.repeat(64);
    const [former, present] = [variantVersion(sha256, ladder.revision - 1), variantVersion(sha256, ladder.revision)];
    const { ports, stored } = setUp([record({ metadata: metadata(450, 300, { version: present }) })]);
    await expect(renderVariant(ports, key('2048-n.avif', former))).resolves.toEqual({
      kind: 'redirect',
      path: `/${key('640-n.avif', present)}`,
    });
    await expect(renderVariant(ports, key('320-n.avif', former))).resolves.toMatchObject({
      path: `/${key('320-n.avif', present)}`,
    });
    expect(stored).toEqual([]);
  });

  it('reads the pixels of a HEIC original from what was developed of it', async () => {
    const { ports } = setUp([record({ header: header('heic', { width: 450, height: 300 }) })]);
    const read: string[] = [];
    const readOriginal = (object: { key: string }) => {
      read.push(object.key);
      return Promise.resolve(fixture('landscape_1.jpg'));
    };
    await expect(renderVariant({ ...ports, readOriginal }, key('320-n.avif'))).resolves.toMatchObject({ kind: 'file' });
    expect(read).toEqual([developedKey(IMAGE_ID)]);
  });
});
