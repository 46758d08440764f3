import fc from 'fast-check';
import { createFakeClock } from '../../test/support/clock.ts';
import type { UploadProgress, UploadState } from '../contract.ts';
import { createMeter } from './meter.ts';

const TOTAL = 1_000_000;

const meterOf = () => {
  const clock = createFakeClock();
  const began = clock.now();
  const meter = createMeter(clock, TOTAL);
  const heard: (UploadProgress & { readonly at: number })[] = [];
  const leave = meter.subscribe((progress) => heard.push({ ...progress, at: clock.now() - began }));
  /** Bytes that are confirmed as they come, so many at each of so many steps. */
  const run = async (steps: number, bytes: number, milliseconds: number): Promise<void> => {
    for (let n = 0; n < steps; n++) {
      await clock.pass(milliseconds);
      meter.bytes(meter.progress().confirmedBytes + bytes, 0);
    }
  };
  return { clock, meter, heard, leave, run };
};

describe('progress', () => {
  it('begins with nothing', () => {
    expect(meterOf().meter.progress()).toEqual({
      state: 'waiting',
      sentBytes: 0,
      confirmedBytes: 0,
      totalBytes: TOTAL,
      bytesPerSecond: null,
      secondsLeft: null,
      transport: null,
      wireBytes: 0,
      retries: 0,
    });
  });

  it('is what is confirmed and what is under way, and falls to what is confirmed when that is lost', () => {
    const { meter } = meterOf();

    meter.bytes(200_000, 100_000);
    expect(meter.progress()).toMatchObject({ sentBytes: 300_000, confirmedBytes: 200_000 });

    meter.bytes(200_000, 0);
    expect(meter.progress()).toMatchObject({ sentBytes: 200_000, confirmedBytes: 200_000 });
  });

  it('is never less than what is confirmed nor more than all, in whatever order bytes come and go', () => {
    const bytes = fc.tuple(fc.nat(TOTAL), fc.nat(TOTAL));
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), (all) => {
        const { meter } = meterOf();
        for (const [confirmed, flying] of all) {
          meter.bytes(confirmed, flying);
          const { sentBytes, confirmedBytes } = meter.progress();
          expect(confirmedBytes).toBe(confirmed);
          expect(sentBytes).toBeGreaterThanOrEqual(confirmed);
          expect(sentBytes).toBeLessThanOrEqual(TOTAL);
        }
      }),
    );
  });

  it('counts what is on the wire and what is repeated', () => {
    const { meter } = meterOf();

    meter.wire(10);
    meter.wire(20);
    meter.retried();
    meter.transport('chunks');

    expect(meter.progress()).toMatchObject({ wireBytes: 30, retries: 1, transport: 'chunks' });
  });
});

describe('a listener', () => {
  it('hears at most ten times a second, and the last word always', async () => {
    const { clock, meter, heard, run } = meterOf();
    meter.state('uploading');

    await run(1000, 100, 1);
    await clock.pass(100);

    expect(heard.length).toBeGreaterThanOrEqual(10);
    expect(heard.length).toBeLessThanOrEqual(12);
    heard.slice(1).forEach(({ at }, index) => expect(at - heard[index]!.at).toBeGreaterThanOrEqual(100));
    expect(heard.at(-1)).toMatchObject({ confirmedBytes: 100_000 });
  });

  it('hears the first change after a rest at once', async () => {
    const { clock, meter, heard } = meterOf();
    await clock.pass(5000);

    meter.retried();

    expect(heard).toMatchObject([{ at: 5000, retries: 1 }]);
  });

  it('hears every change of state at once, with all that changed before it', async () => {
    const { clock, meter, heard } = meterOf();
    meter.state('uploading');
    await clock.pass(10);
    meter.bytes(5000, 0);
    meter.state('completing');
    meter.state('completing');
    meter.state('done');
    await clock.pass(1000);

    expect(heard.map(({ at, state, confirmedBytes }) => [at, state, confirmedBytes])).toEqual([
      [0, 'uploading', 0],
      [10, 'completing', 5000],
      [10, 'done', 5000],
    ]);
  });

  it('hears nothing after it left, nor after the end', async () => {
    const { clock, meter, heard, leave } = meterOf();
    let others = 0;
    meter.subscribe(() => (others += 1));
    meter.retried();
    leave();
    await clock.pass(200);
    meter.retried();
    meter.retried();

    meter.close();
    await clock.pass(1000);

    expect(heard).toHaveLength(1);
    expect(others).toBe(2);
  });
});

describe('the rate', () => {
  it('is not told before enough is measured', async () => {
    const { meter, run } = meterOf();
    meter.state('uploading');

    await run(8, 10_000, 100);
    expect(meter.progress()).toMatchObject({ bytesPerSecond: null, secondsLeft: null });

    await run(1, 10_000, 100);
    expect(meter.progress().bytesPerSecond).toBeCloseTo(100_000);
  });

  it('gives the time that is left', async () => {
    const { meter, run } = meterOf();
    meter.state('uploading');

    await run(20, 10_000, 100);

    expect(meter.progress().secondsLeft).toBeCloseTo((TOTAL - 200_000) / 100_000);
  });

  it('looks back five seconds', async () => {
    const { meter, run } = meterOf();
    meter.state('uploading');
    await run(50, 1000, 100);

    await run(51, 5000, 100);

    expect(meter.progress().bytesPerSecond).toBeCloseTo(50_000);
  });

  it('is not negative when bytes are lost: it is measured anew', async () => {
    const { clock, meter, run } = meterOf();
    meter.state('uploading');
    await run(10, 10_000, 100);
    meter.bytes(100_000, 400_000);
    await clock.pass(100);

    meter.bytes(100_000, 0);
    expect(meter.progress()).toMatchObject({ bytesPerSecond: null, secondsLeft: null });

    await run(10, 20_000, 100);
    expect(meter.progress().bytesPerSecond).toBeCloseTo(200_000);
  });
});

describe('the time that is left', () => {
  it('is not guessed after three seconds without a byte, and is back with the next', async () => {
    const { clock, meter, run } = meterOf();
    meter.state('uploading');
    await run(20, 10_000, 100);

    await clock.pass(3000);
    expect(meter.progress().secondsLeft).not.toBeNull();
    await clock.pass(1);
    expect(meter.progress().secondsLeft).toBeNull();

    await run(1, 10_000, 0);
    expect(meter.progress().secondsLeft).not.toBeNull();
  });

  it.each<UploadState>(['paused', 'offline', 'completing', 'done', 'failed'])(
    'is not guessed when %s',
    async (state) => {
      const { meter, run } = meterOf();
      meter.state('uploading');
      await run(20, 10_000, 100);

      meter.state(state);

      expect(meter.progress()).toMatchObject({ bytesPerSecond: null, secondsLeft: null });
    },
  );

  it('is measured anew after a pause', async () => {
    const { clock, meter, run } = meterOf();
    meter.state('uploading');
    await run(20, 10_000, 100);
    meter.state('paused');
    await clock.pass(1000);
    meter.state('uploading');

    await run(5, 1000, 100);
    expect(meter.progress().secondsLeft).toBeNull();

    await run(5, 1000, 100);
    expect(meter.progress().bytesPerSecond).toBeCloseTo(10_000);
  });
});
