import { createFakeClock, settled } from '../../test/support/clock.ts';
import { createGate, type Gate, type Pass } from './gate.ts';
import { createLink, type Link } from './link.ts';

const CHUNK = 65_536;
const never = new AbortController().signal;

interface Lab {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly link: Link;
  readonly gate: Gate;
  /** Asks for a pass, and tells whether it has come. */
  readonly ask: (order?: number) => { pass: Pass | undefined };
}

const lab = (hint: 'weak' | 'good' | null = null, saving = false): Lab => {
  const clock = createFakeClock();
  const link = createLink(() => hint);
  const gate = createGate(clock, link, () => saving);
  const ask: Lab['ask'] = (order = 1) => {
    const asked: { pass: Pass | undefined } = { pass: undefined };
    void gate.enter(order, never).then((pass) => {
      asked.pass = pass;
    });
    return asked;
  };
  return { clock, link, gate, ask };
};

/** A weak link of 300 bytes a millisecond whose answers take 120 ms: a chunk needs 218 ms to leave. */
const measured = (): Lab => {
  const made = lab();
  made.link.roundTrip(120, true);
  made.link.rateSample(300);
  return made;
};

const started = async (asked: { pass: Pass | undefined }, bytes = CHUNK): Promise<Pass> => {
  await settled();
  if (asked.pass === undefined) throw new Error('expected a pass but it has not come');
  asked.pass.start(bytes);
  await settled();
  return asked.pass;
};

describe('the order', () => {
  it('lets the earlier file go first, whoever asked first', async () => {
    const { ask, clock } = measured();
    const first = await started(ask(2));
    const [late, early] = [ask(3), ask(1)];

    first.delivered();
    await clock.pass(0);

    expect([early.pass, late.pass]).toEqual([expect.anything(), undefined]);
  });

  it('forgets who no longer wants to go', async () => {
    const { ask, gate, clock } = measured();
    const first = await started(ask());
    const leaving = new AbortController();
    const gone = gate.enter(1, leaving.signal);
    const next = ask(2);

    leaving.abort(new Error('paused'));
    first.delivered();
    await clock.pass(0);

    await expect(gone).rejects.toThrow('paused');
    expect(next.pass).toBeDefined();
  });
});

describe('a weak link', () => {
  it('begins one body at a time, although a pass may wait for its bytes to be read', async () => {
    const { ask, clock } = measured();
    const [first, second] = [ask(), ask()];

    await clock.pass(1_000);

    expect([first.pass, second.pass]).toEqual([expect.anything(), undefined]);
  });

  it('begins the next body when the one before has just left', async () => {
    const { ask, clock } = measured();
    await started(ask());
    const second = ask();

    await clock.pass(200);
    const before = second.pass;
    await clock.pass(20);

    expect([before, second.pass]).toEqual([undefined, expect.anything()]);
  });

  it('lets no third go while two have no answer, when one body is more than what is on its way', async () => {
    const { ask, clock } = measured();
    await started(ask());
    const second = ask();
    await clock.pass(220);
    await started(second);
    const third = ask();

    await clock.pass(60_000);

    expect(third.pass).toBeUndefined();
  });

  it('lets as many go as are on their way at once where round trips are long', async () => {
    const { ask, link, clock } = lab();
    link.roundTrip(600, true);
    link.rateSample(1_500);
    const passes = [];
    for (let n = 0; n < 8; n++) {
      passes.push(ask());
      await clock.pass(100);
      passes.at(-1)?.pass?.start(CHUNK);
    }

    expect(passes.filter(({ pass }) => pass !== undefined)).toHaveLength(6);
  });

  it('sends one body at a time when data is to be saved', async () => {
    const { ask, clock } = lab('weak', true);
    await started(ask());
    const second = ask();

    await clock.pass(60_000);

    expect(second.pass).toBeUndefined();
  });
});

describe('an unmeasured link', () => {
  it('takes three bodies and no fourth', async () => {
    const { ask, clock } = lab();
    const passes = [ask(), ask(), ask(), ask()];
    for (const asked of passes) {
      await clock.pass(0);
      asked.pass?.start(CHUNK);
    }

    expect(passes.map(({ pass }) => pass !== undefined)).toEqual([true, true, true, false]);
  });
});

describe('after a loss', () => {
  it('lets bodies go one by one until one has arrived', async () => {
    const { ask, gate, clock } = measured();
    gate.careful();
    const first = await started(ask());
    const second = ask();
    await clock.pass(10_000);
    const before = second.pass;

    first.delivered();
    await started(second);
    const third = ask();
    await clock.pass(250);

    expect([before, third.pass]).toEqual([undefined, expect.anything()]);
  });

  it('takes an unused pass back', async () => {
    const { ask, clock } = measured();
    const first = ask();
    await clock.pass(0);
    const second = ask();

    first.pass?.failed();
    first.pass?.failed();
    await clock.pass(0);

    expect(second.pass).toBeDefined();
  });

  it('holds everything for as long as a server asked', async () => {
    const { ask, gate, clock } = measured();
    gate.hold(5_000);
    const first = ask();

    await clock.pass(4_999);
    const before = first.pass;
    await clock.pass(1);

    expect([before, first.pass]).toEqual([undefined, expect.anything()]);
  });
});

describe('the rate', () => {
  it.each([40, 300, 1_500])('is measured true on a link of %d bytes a millisecond', async (rate) => {
    const { ask, link, clock } = lab();
    link.roundTrip(120, true);
    let free = clock.now();
    const send = async (): Promise<void> => {
      const pass = await started(ask());
      free = Math.max(free, clock.now()) + CHUNK / rate;
      clock.after(free + 120 - clock.now(), pass.delivered);
    };

    for (let n = 0; n < 12; n++) {
      const next = ask();
      while (next.pass === undefined) await clock.pass(5);
      next.pass.failed();
      await send();
    }
    await clock.pass(60_000);

    expect(link.rate()).toBeGreaterThan(0.9 * rate);
    expect(link.rate()).toBeLessThan(1.15 * rate);
  });
});
