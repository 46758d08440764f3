import { createFakeClock, settled } from '../../test/support/clock.ts';
import { NetworkError } from './errors.ts';
import { createLink, type Link, UNIT } from './link.ts';
import type { Ports } from './ports.ts';
import { createWatch, probeLimit } from './watch.ts';

interface Given {
  readonly rtt?: number;
  /** Bytes a millisecond. */
  readonly rate?: number;
}
const linkOf = ({ rtt, rate }: Given): Link => {
  const link = createLink(() => null);
  if (rtt !== undefined) link.roundTrip(rtt, true);
  if (rate !== undefined) link.rateSample(rate);
  return link;
};

/** On this link a body of one unit is due after 855 ms, its silence means something after 1,710 ms, and looks are 250 ms apart. */
const known: Given = { rtt: 100, rate: 100 };
const SILENCE = 1710;
const DUE = 856;
const LOOK = 250;
const MOST_STILL = 60_000;

const watchOn = (given: Given) => {
  const clock = createFakeClock();
  const began = clock.now();
  const link = linkOf(given);
  const questions: { readonly at: number; readonly limit: number; readonly answer: (answered: boolean) => void }[] = [];
  const ports: Ports = {
    ...clock,
    transport: () => Promise.reject(new Error('expected no request but there was one')),
    network: { online: () => true, effectiveType: () => null, saveData: () => false, subscribe: () => () => undefined },
    random: () => 0.5,
    digest: () => Promise.resolve(''),
    hashStream: () => ({ update: () => undefined, hex: () => '' }),
  };
  const time = (): number => clock.now() - began;
  const watch = createWatch(
    ports,
    link,
    (limit) => new Promise((answer) => void questions.push({ at: time(), limit, answer })),
  );
  const fly = (size = UNIT) => {
    const body: { killedAt: number | undefined; reason: unknown } = { killedAt: undefined, reason: undefined };
    const flight = watch.fly(size, (reason) => {
      Object.assign(body, { killedAt: time(), reason });
      flight.end();
    });
    return { ...flight, body };
  };
  /** Answers the open question; an answer is something that was heard. */
  const answer = async (answered: boolean): Promise<void> => {
    if (answered) watch.heard();
    questions.at(-1)?.answer(answered);
    await settled();
  };
  /** Lets time pass while bytes of the body leave. */
  const moving = async (flight: { readonly moved: () => void }, milliseconds: number): Promise<void> => {
    for (let n = 0; n < milliseconds; n += 100) {
      await clock.pass(100);
      flight.moved();
    }
  };
  return { clock, link, watch, questions, fly, answer, moving, time };
};

describe('a body that is silent', () => {
  it('is asked about, once, when it has been silent for longer than it should', async () => {
    const { clock, questions, fly, moving } = watchOn(known);
    const flight = fly();
    await moving(flight, 1000);

    await clock.pass(SILENCE);
    expect(questions).toEqual([]);

    await clock.pass(2 * LOOK);
    expect(questions).toHaveLength(1);
    await clock.pass(10_000);
    expect(questions).toHaveLength(1);
  });

  it('is not asked about while it moves, nor after its end', async () => {
    const { clock, questions, fly, moving } = watchOn(known);
    const flight = fly();

    await moving(flight, 30_000);
    flight.end();
    await clock.pass(60_000);

    expect(questions).toEqual([]);
    expect(flight.body.killedAt).toBeUndefined();
  });

  it('is asked about after five seconds when nothing is known of the link', async () => {
    const { clock, questions, fly } = watchOn({});
    fly();

    await clock.pass(5000);
    expect(questions).toEqual([]);

    await clock.pass(2 * LOOK);
    expect(questions).toHaveLength(1);
  });

  it('is ended when the question was answered and it still does not move', async () => {
    const { clock, fly, moving, answer, time } = watchOn(known);
    const flight = fly();
    await moving(flight, 500);
    await clock.pass(SILENCE + 2 * LOOK);

    await answer(true);
    const answeredAt = time();
    await clock.pass(800);
    expect(flight.body.killedAt).toBeUndefined();

    await clock.pass(1000);
    expect(flight.body.killedAt).toBeLessThanOrEqual(answeredAt + DUE + LOOK);
    expect(flight.body.reason).toBeInstanceOf(NetworkError);
    expect(flight.body.reason).toMatchObject({ stalled: true, alone: true });
  });

  it('lives when it moves after the answer', async () => {
    const { clock, questions, fly, moving, answer } = watchOn(known);
    const flight = fly();
    await moving(flight, 500);
    await clock.pass(SILENCE + 2 * LOOK);
    await answer(true);

    await clock.pass(700);
    flight.moved();
    await clock.pass(1500);

    expect(questions).toHaveLength(1);
    expect(flight.body.killedAt).toBeUndefined();
  });

  it('lives when it moved while the question was under way', async () => {
    const { clock, fly, moving, answer } = watchOn(known);
    const flight = fly();
    await moving(flight, 500);
    await clock.pass(SILENCE + 2 * LOOK);
    flight.moved();

    await answer(true);
    await clock.pass(1500);

    expect(flight.body.killedAt).toBeUndefined();
  });

  it('is ended at once by the answer when its connection never opened', async () => {
    const { clock, fly, moving, answer, time } = watchOn(known);
    const [stuck, open] = [fly(), fly()];
    await moving(open, 500);
    await clock.pass(5000);

    await answer(true);

    expect(stuck.body.killedAt).toBe(time());
    expect(open.body.killedAt).toBeUndefined();
  });

  it('is ended without a question when others are heard all the while', async () => {
    const { clock, watch, questions, fly } = watchOn(known);
    const silent = fly();
    for (let n = 0; n < 40; n++) {
      await clock.pass(100);
      watch.heard();
    }

    expect(questions).toEqual([]);
    expect(silent.body.killedAt).toBeGreaterThan(2 * SILENCE);
    expect(silent.body.killedAt).toBeLessThanOrEqual(2 * SILENCE + 2 * LOOK);
    expect(silent.body.reason).toMatchObject({ alone: true });
  });
});

describe('a link that answers no question', () => {
  it('leaves bodies alone for a minute, and asks on', async () => {
    const { clock, questions, fly, moving, time } = watchOn(known);
    const flight = fly();
    await moving(flight, 500);
    const still = time();

    while (time() < still + MOST_STILL - LOOK) {
      await clock.pass(100);
      questions.at(-1)?.answer(false);
    }
    expect(flight.body.killedAt).toBeUndefined();
    expect(questions.length).toBeGreaterThan(8);

    await clock.pass(3 * LOOK);
    expect(flight.body.killedAt! - still).toBeGreaterThan(MOST_STILL);
    expect(flight.body.reason).toMatchObject({ stalled: true, alone: false });
  });

  it('is not asked again sooner than the last question could have waited, however soon that was refused', async () => {
    const { clock, questions, fly } = watchOn(known);
    fly();
    for (let n = 0; n < 200; n++) {
      await clock.pass(100);
      questions.at(-1)?.answer(false);
    }

    expect(questions.length).toBeGreaterThan(5);
    questions.slice(1).forEach(({ at }, index) => {
      expect(at - questions[index]!.at).toBeGreaterThanOrEqual(questions[index]!.limit);
    });
  });

  it('is asked with more time after several questions in vain, and with less again after an answer', async () => {
    const { clock, questions, fly, answer } = watchOn(known);
    fly().moved();
    while (questions.length < 12) {
      await clock.pass(100);
      if (questions.length < 12) questions.at(-1)?.answer(false);
    }
    expect(questions.map(({ limit }) => limit)).toEqual([...Array<number>(9).fill(1000), 1500, 2250, 3375]);

    await clock.pass(100);
    const flight = fly();
    await answer(true);
    flight.moved();
    await clock.pass(SILENCE + 2 * LOOK);

    expect(questions.at(-1)?.limit).toBe(1000);
    expect(questions).toHaveLength(13);
  });
});

describe('what a question may wait for its answer', () => {
  it('is five round trips, and a second at least', () => {
    expect([20, 200, 300, 600].map((rtt) => probeLimit(linkOf({ rtt }), 0))).toEqual([1000, 1000, 1500, 3000]);
    expect(probeLimit(linkOf({}), 0)).toBe(4000);
  });

  it('grows only after eight in vain, and up to twelve seconds', () => {
    const link = linkOf(known);

    expect([1, 4, 8].map((failures) => probeLimit(link, failures))).toEqual([1000, 1000, 1000]);
    expect([9, 10].map((failures) => probeLimit(link, failures))).toEqual([1500, 2250]);
    expect([20, 1000].map((failures) => probeLimit(link, failures))).toEqual([12_000, 12_000]);
    expect(probeLimit(linkOf({ rtt: 5000 }), 0)).toBe(12_000);
  });
});
