import { TransientError } from '@darkroom/runtime/errors';
import { type DomainEvent, domainEvents } from '@darkroom/types/events';
import type { ImageRecord } from '@darkroom/types/image';
import type { StoreInput } from '@darkroom/types/workflow';
import {
  failed,
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
} from '../../test/support/fixtures.ts';
import { memoryIndex } from '../../test/support/memory.ts';
import type { Claim, EmitEvent, Written } from '../ports.ts';
import type { Measure } from './measures.ts';
import { postingsOf } from './search/terms.ts';
import { type StorePorts, storeResults } from './store-results.ts';

/** A catalogue of one record in memory, with the condition of the real one. */
const catalogue = (initial: ImageRecord | undefined, emit?: EmitEvent) => {
  const state = { record: initial };
  const events: DomainEvent[] = [];
  const measures: Measure[] = [];
  const fenced = ({ attempt }: Claim, change: (record: ImageRecord) => ImageRecord): Promise<Written> => {
    const { record } = state;
    if (record?.attempt !== attempt || record.status !== 'PROCESSING')
      return Promise.resolve({ held: false, existing: record });
    state.record = change(record);
    return Promise.resolve({ held: true, record: state.record });
  };
  const index = memoryIndex();
  const ports: StorePorts = {
    writePostings: index.writePostings,
    deletePostings: index.deletePostings,
    getImage: () => Promise.resolve(state.record),
    writeTerminal: (claim, terminal, at) =>
      fenced(claim, ({ leaseShard: _shard, leaseUntil: _until, ...record }) => ({
        ...record,
        ...terminal,
        variants: terminal.status === 'READY' ? [...terminal.variants] : [],
        terminalAt: at,
        updatedAt: at,
      })),
    release: (claim, message, now) =>
      fenced(claim, (record) => ({ ...record, reason: { code: 'INTERNAL', message }, leaseUntil: now })),
    swapVersion: () => Promise.reject(new Error('no swap was asked for')),
    emit:
      emit ??
      ((event) => {
        events.push(event);
        return Promise.resolve();
      }),
    record: (values) => measures.push(...values),
    now: () => NOW,
    maxAttempts: 3,
  };
  return { ports, state, events, measures, index };
};

const families = [{ family: 'thumbnail' as const, variants }];
const readyInput: StoreInput = { outcome: 'ready', task: task(), header, metadata, families };
const rejectedInput: StoreInput = {
  outcome: 'rejected',
  task: task(),
  reason: { code: 'TOO_LARGE', message: 'too many pixels' },
};
const moderation = { verdict: 'review', scores: { porn: 0.9 }, model: 'm@1' } as const;
const reviewInput: StoreInput = { outcome: 'review', task: task(), header, metadata, moderation };
const failedInput = (attempt: number): StoreInput => ({
  outcome: 'failed',
  task: task({ attempt }),
  error: { Error: 'Sandbox.Timedout', Cause: 'Task timed out after 30.00 seconds' },
});

describe('storeResults', () => {
  it('makes the image READY, then tells of it', async () => {
    const { ports, state, events, measures } = catalogue(processing());
    await expect(storeResults(ports, readyInput)).resolves.toEqual({ imageId: IMAGE_ID, status: 'READY' });

    expect(state.record).toMatchObject({ status: 'READY', terminalAt: '2026-11-23T20:40:00.000Z', variants });
    expect(events).toMatchObject([{ type: 'image.ready', detail: { width: 3024, height: 4032, attempt: 1 } }]);
    expect(measures).toEqual([
      { name: 'ImagesReady', unit: 'Count', value: 1 },
      { name: 'UploadToReady', unit: 'Milliseconds', value: 2_000 },
      { name: 'OriginalBytes', unit: 'Bytes', value: 3_000_000 },
      { name: 'VariantBytes', unit: 'Bytes', value: 9_120 },
    ]);
  });

  it('makes it REJECTED and counts the code', async () => {
    const { ports, events, measures } = catalogue(processing());
    await expect(storeResults(ports, rejectedInput)).resolves.toEqual({ imageId: IMAGE_ID, status: 'REJECTED' });
    expect(events).toMatchObject([{ type: 'image.rejected', detail: { reason: { code: 'TOO_LARGE' } } }]);
    expect(measures).toEqual([{ name: 'ImagesRejected', unit: 'Count', value: 1, code: 'TOO_LARGE' }]);
  });

  it('lets the claim go after a failure, and fails the image after the third', async () => {
    const first = catalogue(processing());
    await expect(storeResults(first.ports, failedInput(1))).resolves.toMatchObject({ status: 'RETRY' });
    expect(first.state.record).toMatchObject({
      status: 'PROCESSING',
      leaseUntil: NOW,
      reason: { code: 'INTERNAL', message: 'Sandbox.Timedout: Task timed out after 30.00 seconds' },
    });
    expect(first.events).toEqual([]);
    expect(first.measures).toEqual([{ name: 'ImagesRetried', unit: 'Count', value: 1 }]);

    const third = catalogue(processing({ attempt: 3 }));
    await expect(storeResults(third.ports, failedInput(3))).resolves.toMatchObject({ status: 'FAILED' });
    expect(third.events).toMatchObject([{ type: 'image.failed', detail: { reason: { code: 'INTERNAL' } } }]);
  });

  it.each([
    ['READY', ready(), 'image.ready'],
    ['REJECTED', rejected(), 'image.rejected'],
    ['FAILED', failed({ attempt: 1 }), 'image.failed'],
  ])(
    'answers %s again, with its event and without counting twice, when its own answer was lost',
    async (status, record, type) => {
      const { ports, state, events, measures } = catalogue(record);
      await expect(storeResults(ports, readyInput)).resolves.toEqual({ imageId: IMAGE_ID, status });
      expect(events.map((event) => event.type)).toEqual([type]);
      expect(measures).toEqual([]);
      expect(state.record).toBe(record);
    },
  );

  it('is superseded by a newer attempt, whatever became of it', async () => {
    for (const record of [processing({ attempt: 2 }), ready({ attempt: 2 }), undefined]) {
      const { ports, state, events } = catalogue(record);
      await expect(storeResults(ports, readyInput)).resolves.toMatchObject({ status: 'SUPERSEDED' });
      expect(state.record).toBe(record);
      expect(events).toEqual([]);
    }
  });

  it('asks for another purge when the image was deleted meanwhile: this attempt wrote renditions after the first', async () => {
    const { ports, events } = catalogue(tombstone());
    await expect(storeResults(ports, readyInput)).resolves.toMatchObject({ status: 'SUPERSEDED' });
    expect(events.map((event) => event.type)).toEqual(['image.deleted']);
  });

  it('sends the event on the repeat when the bus refused it the first time', async () => {
    const sent: DomainEvent[] = [];
    let deaf = true;
    const { ports, measures } = catalogue(processing(), (event) => {
      if (deaf) return Promise.reject(new TransientError('bus'));
      sent.push(event);
      return Promise.resolve();
    });

    await expect(storeResults(ports, readyInput)).rejects.toBeInstanceOf(TransientError);
    deaf = false;
    await expect(storeResults(ports, readyInput)).resolves.toMatchObject({ status: 'READY' });

    expect(sent.map((event) => event.type)).toEqual(['image.ready']);
    expect(measures.filter((measure) => measure.name === 'ImagesReady')).toHaveLength(1);
  });

  it('holds an image back, tells who looks at such images, and counts it', async () => {
    const { ports, events, measures } = catalogue(processing());

    await expect(storeResults(ports, reviewInput)).resolves.toEqual({ imageId: IMAGE_ID, status: 'REVIEW' });

    expect(events).toMatchObject([{ type: 'image.review', detail: { imageId: IMAGE_ID, moderation } }]);
    expect(measures).toEqual([{ name: 'ImagesInReview', unit: 'Count', value: 1 }]);
  });

  it('sends events that keep their contract', async () => {
    const inputs = [readyInput, rejectedInput, reviewInput, failedInput(3)];
    for (const input of inputs) {
      const { ports, events } = catalogue(processing({ attempt: input.task.attempt }));
      await storeResults(ports, input);
      const [event] = events;
      if (event === undefined) throw new Error('expected an event');
      expect(domainEvents[event.type].parse(event.detail)).toEqual(event.detail);
    }
  });
});

describe('the search index', () => {
  const reviewInput: StoreInput = {
    outcome: 'review',
    task: task(),
    header,
    metadata,
    moderation: { verdict: 'review', scores: { unsafe: 0.9 }, model: 'm' },
  };
  const wanted = postingsOf(ready()).length;

  it.each([
    ['READY', readyInput, wanted],
    ['REVIEW', reviewInput, wanted],
    ['REJECTED', rejectedInput, 0],
    ['FAILED', failedInput(3), 0],
  ] as const)('knows an image that became %s by what is known of it', async (status, input, size) => {
    const { ports, index } = catalogue(processing({ attempt: input.task.attempt }));
    await expect(storeResults(ports, input)).resolves.toMatchObject({ status });
    expect(index.items.size).toBe(size);
  });

  it('is told before the world, and again by whoever repeats', async () => {
    const { ports, events, index, state } = catalogue(processing());
    const busy = { ...ports, writePostings: () => Promise.reject(new TransientError('index')) };
    await expect(storeResults(busy, readyInput)).rejects.toBeInstanceOf(TransientError);
    expect(state.record?.status).toBe('READY');
    expect(events).toEqual([]);

    await expect(storeResults(ports, readyInput)).resolves.toMatchObject({ status: 'READY' });
    expect(index.items.size).toBe(wanted);
    expect(events).toHaveLength(1);
  });

  it('forgets an image that was deleted while its postings were written', async () => {
    const { ports, state, index } = catalogue(processing());
    const racing: StorePorts = {
      ...ports,
      writePostings: async (postings) => {
        state.record = tombstone();
        await ports.writePostings(postings);
      },
    };
    await storeResults(racing, readyInput);
    expect(index.items.size).toBe(0);
  });

  it('forgets what an attempt had written before the image was deleted', async () => {
    const { ports, index } = catalogue(tombstone());
    await index.writePostings(postingsOf(ready()));
    await expect(storeResults(ports, readyInput)).resolves.toMatchObject({ status: 'SUPERSEDED' });
    expect(index.items.size).toBe(0);
  });
});
