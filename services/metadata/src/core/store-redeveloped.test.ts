import { TransientError } from '@darkroom/runtime/errors';
import { type DomainEvent, domainEvents } from '@darkroom/types/events';
import type { ImageRecord } from '@darkroom/types/image';
import {
  header,
  IMAGE_ID,
  metadata,
  NOW,
  processing,
  ready,
  rejected,
  task,
  tombstone,
  variants,
  VERSION,
} from '../../test/support/fixtures.ts';
import { type RedevelopedPorts, storeRedeveloped } from './store-redeveloped.ts';

const NEW = 'ffffffffffff';
const renewed = variants.map((variant) => ({ ...variant, key: variant.key.replace(VERSION, NEW) }));
const input = {
  outcome: 'redeveloped' as const,
  task: task(),
  metadata: { ...metadata, version: NEW },
  families: [{ family: 'thumbnail' as const, variants: renewed }],
  replaces: VERSION,
};

/** A catalogue of one record in memory, with the condition of the real one. */
const house = (initial: ImageRecord | undefined, changes: Partial<RedevelopedPorts> = {}) => {
  const state = { record: initial };
  const events: DomainEvent[] = [];
  const measures: string[] = [];
  const ports: RedevelopedPorts = {
    swapVersion: ({ attempt }, { replaces, version, variants: now }, at) => {
      const { record } = state;
      if (record?.status !== 'READY' || record.attempt !== attempt || record.metadata?.version !== replaces)
        return Promise.resolve({ held: false, existing: record });
      state.record = { ...record, metadata: { ...record.metadata, version }, variants: [...now], updatedAt: at };
      return Promise.resolve({ held: true, record: state.record });
    },
    emit: (event) => Promise.resolve(void events.push(event)),
    record: (values) => measures.push(...values.map(({ name }) => name)),
    now: () => NOW + 86_400_000,
    ...changes,
  };
  return { ports, state, events, measures };
};

describe('storeRedeveloped', () => {
  it('swaps a READY image over to its new version, and tells which one it replaces', async () => {
    const { ports, state, events, measures } = house(ready());
    await expect(storeRedeveloped(ports, input)).resolves.toEqual({ imageId: IMAGE_ID, status: 'READY' });
    expect(state.record).toMatchObject({ status: 'READY', metadata: { version: NEW }, variants: renewed });
    expect(state.record?.terminalAt).toBe(ready().terminalAt);
    expect(events).toMatchObject([
      { type: 'image.ready', detail: { version: NEW, replaces: VERSION, variants: renewed } },
    ]);
    expect(domainEvents['image.ready'].safeParse(events[0]?.detail).success).toBe(true);
    expect(measures).toEqual(['ImagesRedeveloped']);
  });

  it('tells again, and counts nothing, when the event or the answer was lost', async () => {
    const first = house(ready(), { emit: () => Promise.reject(new TransientError('the bus is away')) });
    await expect(storeRedeveloped(first.ports, input)).rejects.toThrow('the bus is away');
    const { ports, events, measures } = house(first.state.record);
    await expect(storeRedeveloped(ports, input)).resolves.toMatchObject({ status: 'READY' });
    expect(events).toMatchObject([{ type: 'image.ready', detail: { replaces: VERSION } }]);
    expect(measures).toEqual([]);
  });

  it.each([
    ['other bytes came', ready({ attempt: 2 })],
    ['other bytes are being developed', processing({ attempt: 2 })],
    ['another ladder came first', ready({ header, metadata: { ...metadata, version: 'eeeeeeeeeeee' } })],
    ['it was refused', rejected()],
    ['there is none', undefined],
  ])('changes nothing and says nothing when %s', async (_what, found) => {
    const { ports, state, events } = house(found);
    await expect(storeRedeveloped(ports, input)).resolves.toEqual({ imageId: IMAGE_ID, status: 'SUPERSEDED' });
    expect(state.record).toBe(found);
    expect(events).toEqual([]);
  });

  it('has the renditions deleted again that it wrote for an image that was deleted', async () => {
    const { ports, events } = house(tombstone());
    await expect(storeRedeveloped(ports, input)).resolves.toMatchObject({ status: 'SUPERSEDED' });
    expect(events).toMatchObject([{ type: 'image.deleted' }]);
  });
});
