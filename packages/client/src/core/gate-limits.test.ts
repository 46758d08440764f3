import { createFakeClock, settled } from '../../test/support/clock.ts';
import { createGate, type Pass } from './gate.ts';
import { createLink, UNIT } from './link.ts';

interface Given {
  readonly rtt?: number;
  /** Bytes a millisecond, known from before. */
  readonly rate?: number;
  readonly saving?: boolean;
}

/** A gate, and who has got through it so far. */
const gateOn = ({ rtt, rate, saving = false }: Given) => {
  const clock = createFakeClock();
  const began = clock.now();
  const link = createLink(() => null);
  if (rtt !== undefined) link.roundTrip(rtt, true);
  if (rate !== undefined) link.rateSample(rate);
  const gate = createGate(clock, link, () => saving);
  const through: { readonly name: string; readonly at: number; readonly pass: Pass }[] = [];
  const wait = (name: string, order = 0, signal = new AbortController().signal): Promise<void> =>
    gate.enter(order, signal).then((pass) => void through.push({ name, at: clock.now() - began, pass }));
  /** Whoever comes through starts a body at once. */
  const startAll = (count: number, size = UNIT): void => {
    for (let n = 0; n < count; n++)
      void wait(`${n}`).then(() => {
        through.at(-1)?.pass.start(size);
      });
  };
  return { ...{ clock, link, gate, through, wait, startAll }, names: () => through.map(({ name }) => name) };
};

/** A pipe behind a gate: bodies leave it one after the other at its rate, and are answered a round trip later. */
const pipeOf = (rate: number, rtt: number) => {
  const { clock, link, gate } = gateOn({ rtt });
  let free = 0;
  let answered = 0;
  const send = async (size: number): Promise<void> => {
    const pass = await gate.enter(0, new AbortController().signal);
    pass.start(size);
    free = Math.max(free, clock.now()) + size / rate;
    clock.after(free + rtt - clock.now(), () => {
      answered += 1;
      pass.delivered();
    });
  };
  return { clock, link, send, answered: () => answered };
};

describe('those who wait', () => {
  it('go by their order, and by their coming where that is the same', async () => {
    const { gate, clock, wait, through, names } = gateOn({});
    gate.hold(100);
    for (const [name, order] of [
      ['c', 3],
      ['a', 1],
      ['b', 2],
      ['a too', 1],
    ] as const)
      void wait(name, order);

    await clock.pass(100);
    for (let n = 0; n < 4; n++) {
      through.at(-1)?.pass.failed();
      await settled();
    }

    expect(names()).toEqual(['a', 'a too', 'b', 'c']);
  });

  it('are not disturbed by a signal that comes after their pass', async () => {
    const { wait, through, names } = gateOn({});
    const late = new AbortController();
    await wait('first', 0, late.signal);
    void wait('second');

    late.abort(new Error('late'));
    through[0]?.pass.start(UNIT);
    await settled();

    expect(names()).toEqual(['first', 'second']);
  });
});

describe('a pass', () => {
  it('ends once: what is said of it later changes nothing', async () => {
    const { link, wait, through, names } = gateOn({ rtt: 300, rate: 1 });
    await wait('first');
    through[0]?.pass.start(UNIT);
    through[0]?.pass.failed();
    await wait('second');
    through[1]?.pass.start(UNIT);
    void wait('third');

    through[0]?.pass.delivered();
    through[0]?.pass.failed();
    await settled();

    expect(names()).toEqual(['first', 'second']);
    expect(link.uncut()).toBe(0);
  });
});

describe('the next body', () => {
  it('starts at once when the one before is lost', async () => {
    const { clock, startAll, through } = gateOn({ rtt: 60, rate: 100 });
    startAll(2, 100_000);
    await clock.pass(100);

    through[0]?.pass.failed();
    await settled();

    expect(through[1]?.at).toBe(100);
  });

  it.each([
    ['three while nothing is known', {}, 3],
    ['three on a weak link of unknown rate', { rtt: 300 }, 3],
    ['six on a good link', { rtt: 60 }, 6],
    ['six on a good link of known rate', { rtt: 60, rate: 100 }, 6],
    ['one on a weak link that holds next to nothing', { rtt: 300, rate: 20 }, 1],
    ['one, and the one that its round trip has room for', { rtt: 300, rate: 100 }, 2],
    ['one, and the two that its round trip has room for', { rtt: 300, rate: 400 }, 3],
    ['six on a weak link that holds very much', { rtt: 2000, rate: 1000 }, 6],
    ['one where bytes are dear', { rtt: 60, rate: 100, saving: true }, 1],
  ])('is one of so many without an answer: %s', async (_, given, most) => {
    const { clock, startAll, through } = gateOn(given);
    startAll(10);

    await clock.pass(60_000);

    expect(through).toHaveLength(most);
  });

  it('waits as long as a server asked, also when another asks for less', async () => {
    const { gate, clock, startAll, through } = gateOn({});
    gate.hold(5000);
    gate.hold(100);
    startAll(2);

    await clock.pass(4999);
    expect(through).toEqual([]);

    await clock.pass(1);
    expect(through.map(({ at }) => at)).toEqual([5000, 5000]);
  });

  it('goes alone when care is needed, until one has arrived', async () => {
    const { gate, clock, startAll, through } = gateOn({ rtt: 60 });
    gate.careful();
    startAll(6);
    await clock.pass(1000);
    expect(through).toHaveLength(1);

    through[0]?.pass.failed();
    await clock.pass(1000);
    expect(through).toHaveLength(2);

    through[1]?.pass.delivered();
    await clock.pass(60_000);
    expect(through).toHaveLength(6);
  });

  it('starts no more once the gate is closed', async () => {
    const { gate, clock, startAll, through } = gateOn({});
    gate.hold(1000);
    startAll(1);

    gate.close();
    await clock.pass(5000);

    expect(through).toEqual([]);
  });
});

describe('the rate that a gate measures', () => {
  it.each([
    [12, 300],
    [12, 60],
    [100, 300],
    [100, 60],
    [600, 150],
    [1000, 30],
  ])('is that of the pipe: %i kB/s, %i ms', async (rate, rtt) => {
    const { clock, link, send } = pipeOf(rate, rtt);
    for (let n = 0; n < 40; n++) void send(UNIT);

    await clock.pass(1_000_000);

    expect(link.rate()! / rate).toBeGreaterThan(0.97);
    expect(link.rate()! / rate).toBeLessThan(1.03);
    expect(link.uncut()).toBe(40 * UNIT);
  });

  it('keeps the pipe full', async () => {
    const { clock, send, answered } = pipeOf(100, 200);
    for (let n = 0; n < 40; n++) void send(UNIT);

    // What the bytes take alone, a round trip, and a fifth.
    await clock.pass(1.2 * ((40 * UNIT) / 100) + 200);

    expect(answered()).toBe(40);
  });
});
