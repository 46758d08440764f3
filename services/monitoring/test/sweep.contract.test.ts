import type { DomainEvent } from '@darkroom/types/events';
import type { RedriveMessage } from '@darkroom/types/s3-event';
import { createDropLease, createFindExpired, createMoveLease, createWriteFailed } from '../src/adapters/lease-index.ts';
import { runSweep } from '../src/core/run-sweep.ts';
import { type SweepPorts, type SweepTally, sweep } from '../src/core/sweep.ts';
import { CLOCK_SKEW_MS, GRACE_MS } from '../src/core/sweep-plan.ts';
import { startCatalogue, type TestCatalogue } from '../../../test/support/catalogue.ts';
import { abandoned, IMAGE_ID, NOW, nthId } from './support/fixtures.ts';

let catalogue: TestCatalogue;
beforeEach(async () => {
  catalogue = await startCatalogue();
});
afterEach(async () => {
  await catalogue.stop();
});

const none: SweepTally = { redriven: 0, queued: 0, failed: 0, announced: 0, dropped: 0, overtaken: 0, errors: 0 };

/** The real index with a queue and a bus that keep what they get; `broken` makes one of the two refuse. */
const house = (changes: Partial<SweepPorts> = {}) => {
  const { client, table } = catalogue;
  const seen = { messages: [] as RedriveMessage[], events: [] as DomainEvent[], malformed: [] as unknown[] };
  const ports: SweepPorts = {
    findExpired: createFindExpired({ client, table }, (imageId) => seen.malformed.push(imageId)),
    moveLease: createMoveLease({ client, table }),
    writeFailed: createWriteFailed({ client, table }),
    dropLease: createDropLease({ client, table }),
    redrive: async (message) => void seen.messages.push(message),
    emit: async (event) => void seen.events.push(event),
    now: () => NOW,
    tell: () => undefined,
    maxAttempts: 3,
    ...changes,
  };
  return { ports, seen };
};

describe('a sweep', () => {
  it('finds abandoned images in every shard and puts each back on the queue', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => nthId(n));
    for (const imageId of ids) await catalogue.put(abandoned({ imageId }));
    expect(new Set(ids.map((imageId) => abandoned({ imageId }).leaseShard)).size).toBe(8);
    const { ports, seen } = house();

    await expect(sweep(ports)).resolves.toEqual({ ...none, redriven: 20 });

    expect(seen.messages.map(({ imageId }) => imageId).sort()).toEqual(ids);
    expect(seen.messages[0]).toEqual({
      kind: 'redrive',
      imageId: seen.messages[0]?.imageId,
      bucket: 'originals',
      key: abandoned({ imageId: seen.messages[0]?.imageId ?? '' }).key,
    });
  });

  it('puts an image that a person approved on the queue as nothing unusual, whatever its attempts', async () => {
    const review = { decision: 'approve', at: '2026-11-23T20:39:59.000Z', etag: 'e1', attempt: 4 } as const;
    await catalogue.put(abandoned({ attempt: 4, leaseUntil: 0, review }));
    const { ports, seen } = house();

    await expect(sweep(ports)).resolves.toEqual({ ...none, queued: 1 });

    expect(seen.messages).toEqual([expect.objectContaining({ kind: 'redrive', imageId: IMAGE_ID })]);
    // Should the message be lost, the next sweep but one finds it again.
    await expect(sweep(ports)).resolves.toEqual(none);
  });

  it('leaves the redriven image claimable, and acts once in the grace', async () => {
    await catalogue.put(abandoned());
    const { ports, seen } = house();
    await sweep(ports);

    await expect(catalogue.get(IMAGE_ID)).resolves.toEqual(abandoned({ leaseUntil: NOW - CLOCK_SKEW_MS }));
    await expect(sweep(ports)).resolves.toEqual(none);
    expect(seen.messages).toHaveLength(1);
  });

  it('leaves leases alone that live, or ended within the grace', async () => {
    await catalogue.put(abandoned({ imageId: nthId(1), leaseUntil: NOW + 1 }));
    await catalogue.put(abandoned({ imageId: nthId(2), leaseUntil: NOW - GRACE_MS }));
    await expect(sweep(house().ports)).resolves.toEqual(none);
  });

  it('fails an image whose attempts are used up, says so, and takes it out of the index', async () => {
    await catalogue.put(abandoned({ attempt: 3 }));
    const { ports, seen } = house();

    await expect(sweep(ports)).resolves.toEqual({ ...none, failed: 1 });

    const reason = { code: 'INTERNAL', message: 'attempt 3 neither ended nor failed within its lease' };
    const at = '2026-11-23T20:40:00.000Z';
    const { leaseShard, leaseUntil, claimMessageId, claimReceiveCount, ...rest } = abandoned({ attempt: 3 });
    expect([leaseShard, leaseUntil, claimMessageId, claimReceiveCount]).not.toContain(undefined);
    await expect(catalogue.get(IMAGE_ID)).resolves.toEqual({
      ...rest,
      status: 'FAILED',
      reason,
      terminalAt: at,
      updatedAt: at,
    });
    expect(seen.events).toMatchObject([
      { type: 'image.failed', detail: { imageId: IMAGE_ID, attempt: 3, reason, at } },
    ]);
    expect(seen.messages).toEqual([]);
    await expect(sweep(ports)).resolves.toEqual(none);
  });

  it('that cannot send the event leaves it to the next, and the image fails once', async () => {
    await catalogue.put(abandoned({ attempt: 3 }));
    const refusing = house({
      emit: async () => {
        throw new Error('the bus is away');
      },
    });
    await expect(sweep(refusing.ports)).resolves.toEqual({ ...none, errors: 1 });
    await expect(catalogue.get(IMAGE_ID)).resolves.toMatchObject({ status: 'FAILED' });

    const { ports, seen } = house();
    await expect(sweep(ports)).resolves.toEqual({ ...none, announced: 1 });
    expect(seen.events).toMatchObject([{ detail: { at: '2026-11-23T20:40:00.000Z' } }]);
    await expect(sweep(ports)).resolves.toEqual(none);
  });

  it('whose message is lost after the lease moved finds the image again after the grace', async () => {
    await catalogue.put(abandoned());
    const refusing = house({
      redrive: async () => {
        throw new Error('the queue is away');
      },
    });
    await expect(sweep(refusing.ports)).resolves.toEqual({ ...none, errors: 1 });

    const { ports, seen } = house({ now: () => NOW + GRACE_MS });
    await expect(sweep(ports)).resolves.toEqual({ ...none, redriven: 1 });
    expect(seen.messages).toHaveLength(1);
  });

  it('run twice at once redrives and fails each image once', async () => {
    for (let n = 0; n < 10; n += 1) await catalogue.put(abandoned({ imageId: nthId(n), attempt: n < 5 ? 1 : 3 }));
    const first = house();
    const second = house();

    const tallies = await Promise.all([sweep(first.ports), sweep(second.ports)]);

    expect(tallies.reduce((sum, { redriven }) => sum + redriven, 0)).toBe(5);
    expect(tallies.reduce((sum, { failed }) => sum + failed, 0)).toBe(5);
    expect([...first.seen.messages, ...second.seen.messages]).toHaveLength(5);
  });

  it.each([
    ['claimed meanwhile', abandoned({ attempt: 2, leaseUntil: NOW + 360_000 })],
    ['ended meanwhile', abandoned({ status: 'READY' })],
  ])('leaves an image alone that was %s', async (_how, now) => {
    await catalogue.put(now);
    // What the index still shows: it is eventually consistent.
    const { ports, seen } = house({ findExpired: async (shard) => (shard === 'L0' ? [abandoned()] : []) });
    await expect(sweep(ports)).resolves.toEqual({ ...none, overtaken: 1 });
    await expect(catalogue.get(IMAGE_ID)).resolves.toEqual(now);
    expect(seen.messages).toEqual([]);
  });

  it('takes what has ended out of the index', async () => {
    await catalogue.put(abandoned({ status: 'READY' }));
    await expect(sweep(house().ports)).resolves.toEqual({ ...none, dropped: 1 });
    await expect(sweep(house().ports)).resolves.toEqual(none);
  });

  it('passes over an item that is no record', async () => {
    const { imageId, leaseShard, leaseUntil } = abandoned();
    await catalogue.put({ imageId, leaseShard, leaseUntil, status: 'PROCESSING' });
    await catalogue.put(abandoned({ imageId: nthId(2) }));
    const { ports, seen } = house();
    await expect(sweep(ports)).resolves.toMatchObject({ redriven: 1 });
    expect(seen.malformed).toEqual([IMAGE_ID]);
  });
});

describe('runSweep', () => {
  it('measures first and complains then', async () => {
    await catalogue.put(abandoned());
    const { ports } = house({
      redrive: async () => {
        throw new Error('the queue is away');
      },
    });
    const measured: SweepTally[] = [];
    await expect(runSweep(ports, (tally) => measured.push(tally))).rejects.toMatchObject({
      name: 'SweepIncompleteError',
    });
    expect(measured).toEqual([{ ...none, errors: 1 }]);
  });

  it('complains of a shard that cannot be read, after sweeping the others', async () => {
    await catalogue.put(abandoned());
    const { ports, seen } = house();
    const shard = abandoned().leaseShard === 'L0' ? 'L1' : 'L0';
    const findExpired: SweepPorts['findExpired'] = async (one, before) => {
      if (one === shard) throw new Error('throttled');
      return ports.findExpired(one, before);
    };
    await expect(runSweep({ ...ports, findExpired }, () => undefined)).rejects.toThrow('1 could not be');
    expect(seen.messages).toHaveLength(1);
  });
});
