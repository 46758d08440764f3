import type { ImageRecord } from '@darkroom/types/image';
import { ladder } from '@darkroom/types/ladder';
import sharp from 'sharp';
import { fixture, header, IMAGE_ID, metadata, task, VERSION } from '../../test/support/pictures.ts';
import { type RenderVariantPorts, renderVariant } from './render-variant.ts';

const record = (facts: Partial<ImageRecord> = {}): ImageRecord => ({
  schemaVersion: 1,
  imageId: IMAGE_ID,
  tenant: 'acme',
  owner: null,
  status: 'READY',
  attempt: 1,
  etag: 'e',
  sequencer: '',
  bucket: task.bucket,
  key: task.key,
  bytes: 1,
  filename: null,
  declaredType: null,
  uploadedAt: task.uploadedAt,
  updatedAt: task.uploadedAt,
  terminalAt: task.uploadedAt,
  reason: null,
  header: header('jpeg'),
  metadata: metadata(450, 300),
  variants: [],
  ...facts,
});

const setUp = (answers: readonly (ImageRecord | undefined)[]) => {
  const stored: string[] = [];
  const deleted: string[] = [];
  let asked = 0;
  const ports: RenderVariantPorts = {
    ladder,
    findImage: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]),
    readOriginal: () => Promise.resolve(fixture('landscape_1.jpg')),
    putVariant: (key) => Promise.resolve(void stored.push(key)),
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

  it.each([
    ['2048-n.webp', '640-n.webp'],
    ['320-l.jpeg', '320-n.jpeg'],
    ['1600-l.avif', '640-n.avif'],
  ])('sends %s to %s, which is the same file, and makes nothing', async (asked, canonical) => {
    const { ports, stored } = setUp([record()]);
    await expect(renderVariant(ports, key(asked))).resolves.toEqual({
      kind: 'redirect',
      path: `/${key(canonical)}`,
      lasting: true,
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

  it('sends a client to the store for a file that Lambda cannot answer', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 90 } as const;
    const image = sharp({ create: { width: 2048, height: 6_000, channels: 3, background: '#888', noise } });
    const original = await image.jpeg({ quality: 80 }).toBuffer();
    const { ports } = setUp([record({ metadata: metadata(2048, 6_000) })]);
    const answer = await renderVariant({ ...ports, readOriginal: () => Promise.resolve(original) }, key('2048-n.jpeg'));
    expect(answer).toEqual({ kind: 'redirect', path: `/${key('2048-n.jpeg')}`, lasting: false });
  });
});
