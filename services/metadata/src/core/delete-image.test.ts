import { TransientError } from '@darkroom/runtime/errors';
import type { DomainEvent } from '@darkroom/types/events';
import type { ImageRecord } from '@darkroom/types/image';
import { IMAGE_ID, NOW, processing, ready, tombstone, VERSION } from '../../test/support/fixtures.ts';
import { memoryIndex } from '../../test/support/memory.ts';
import type { Burial } from '../ports.ts';
import { deleteImage, type DeletePorts } from './delete-image.ts';

const owner = { tenant: 'acme', owner: 'ada' };

const catalogue = (found: ImageRecord | undefined, buried: ImageRecord | undefined = found) => {
  const burials: Burial[] = [];
  const events: DomainEvent[] = [];
  const index = memoryIndex([found, buried].filter((record) => record !== undefined));
  const ports: DeletePorts = {
    deletePostings: index.deletePostings,
    getImage: () => Promise.resolve(found),
    bury: (burial) => {
      burials.push(burial);
      return Promise.resolve(buried);
    },
    emit: (event) => {
      events.push(event);
      return Promise.resolve();
    },
    now: () => NOW,
  };
  return { ports, burials, events, index };
};

describe('deleteImage', () => {
  it('buries the image for 30 days and tells those who hold its bytes', async () => {
    const { ports, burials, events } = catalogue(ready());
    await deleteImage(ports, owner, IMAGE_ID);

    const at = '2026-11-23T20:40:00.000Z';
    expect(burials).toEqual([{ imageId: IMAGE_ID, tenant: 'acme', at, expiresAt: NOW / 1000 + 30 * 86_400 }]);
    expect(events).toMatchObject([{ type: 'image.deleted', detail: { key: ready().key, version: VERSION, at } }]);
  });

  it('tells of the image as it was buried, when it became ready in between', async () => {
    const { ports, events } = catalogue(processing(), ready());
    await deleteImage(ports, owner, IMAGE_ID);
    expect(events).toMatchObject([{ detail: { version: VERSION } }]);
  });

  it('takes the image out of the search index, also when it became ready in between', async () => {
    for (const found of [ready(), processing()]) {
      const { ports, index } = catalogue(found, ready());
      expect(index.items.size).toBeGreaterThan(0);
      await deleteImage(ports, owner, IMAGE_ID);
      expect(index.items.size).toBe(0);
    }
  });

  it('does so before the record forgets what it was found by', async () => {
    const { ports, burials } = catalogue(ready());
    const busy = { ...ports, deletePostings: () => Promise.reject(new TransientError('index')) };
    await expect(deleteImage(busy, owner, IMAGE_ID)).rejects.toBeInstanceOf(TransientError);
    expect(burials).toEqual([]);
  });

  it('sends the event again on a repeat and writes nothing', async () => {
    const { ports, burials, events } = catalogue(tombstone());
    await deleteImage(ports, owner, IMAGE_ID);
    expect(burials).toEqual([]);
    expect(events).toMatchObject([{ type: 'image.deleted', detail: { imageId: IMAGE_ID, version: null } }]);
  });

  it('sends the event, too, when another call buried the image first', async () => {
    const { ports, events } = catalogue(ready(), undefined);
    const raced = { ...ports, bury: () => Promise.resolve(undefined) };
    await deleteImage(raced, owner, IMAGE_ID);
    expect(events).toHaveLength(1);
  });

  it.each([
    ['a missing image', undefined],
    ["another tenant's image", ready({ tenant: 'other' })],
    ["another owner's image", ready({ owner: 'bob' })],
    ["another tenant's tombstone", tombstone({ tenant: 'other' })],
  ])('answers %s alike and touches nothing', async (_, found) => {
    const { ports, burials, events } = catalogue(found);
    await expect(deleteImage(ports, owner, IMAGE_ID)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `expected the id of one of your images for the path but received "${IMAGE_ID}"`,
    });
    expect([burials, events]).toEqual([[], []]);
  });

  it('lets the caller know when the event was not taken', async () => {
    const { ports } = catalogue(ready());
    const deaf = { ...ports, emit: () => Promise.reject(new TransientError('bus')) };
    await expect(deleteImage(deaf, owner, IMAGE_ID)).rejects.toBeInstanceOf(TransientError);
  });
});
