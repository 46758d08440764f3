import { developedKey, originalKey } from '@darkroom/types/keys';
import { BUCKET, IMAGE_ID, OTHER_ID } from '../../test/support/fixtures.ts';
import { imageDeletedEventSchema, purgeOriginal } from './purge-original.ts';

const event = (changes: { bucket?: string; key?: string } = {}) =>
  imageDeletedEventSchema.parse({
    version: '0',
    source: 'darkroom.test',
    'detail-type': 'image.deleted',
    detail: {
      schemaVersion: 1,
      imageId: IMAGE_ID,
      tenant: 'acme',
      owner: null,
      attempt: 1,
      uploadedAt: '2026-11-23T20:40:00.000Z',
      at: '2026-11-23T20:41:00.000Z',
      bucket: BUCKET,
      key: originalKey(IMAGE_ID),
      version: null,
      ...changes,
    },
  });

const purging = () => {
  const deleted: string[] = [];
  const deleteObject = (key: string) => {
    deleted.push(key);
    return Promise.resolve();
  };
  return { deps: { bucket: BUCKET, deleteObject }, deleted };
};

describe('purgeOriginal', () => {
  it("deletes the image's original, and first what was developed from it", async () => {
    const { deps, deleted } = purging();
    await purgeOriginal(deps, event());
    expect(deleted).toEqual([developedKey(IMAGE_ID), originalKey(IMAGE_ID)]);
  });

  it.each([
    ['another bucket', { bucket: 'other' }],
    ["another image's original", { key: originalKey(OTHER_ID) }],
    ['a key outside originals/', { key: `staging/${IMAGE_ID}/1` }],
    ['a key with the wrong shard', { key: `originals/zz/${IMAGE_ID}/source` }],
    ['the whole folder', { key: `${originalKey(IMAGE_ID)}/../` }],
  ])('deletes nothing for %s', async (_, changes) => {
    const { deps, deleted } = purging();
    await expect(purgeOriginal(deps, event(changes))).rejects.toMatchObject({ name: 'InvalidEventError' });
    expect(deleted).toEqual([]);
  });
});
