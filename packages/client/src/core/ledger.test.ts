import type { ByteRange } from '@darkroom/types/api';
import fc from 'fast-check';
import { createLedger, type Ledger, type Piece, sign } from './ledger.ts';
import { MAX_CHUNK, UNIT } from './link.ts';

const range = (offset: number, size: number): ByteRange => ({ offset, size });
const place = ({ offset, size }: ByteRange): ByteRange => ({ offset, size });
const store = (ledger: Ledger, ...ranges: readonly ByteRange[]): void => {
  for (const one of ranges) ledger.add({ ...one, state: 'stored' });
};
/** Stores piece after piece until nothing is left to plan. */
const storeRest = (ledger: Ledger, most: number): ByteRange[] => {
  const taken: ByteRange[] = [];
  for (let next = ledger.next(most); next !== undefined; next = ledger.next(most)) {
    if (taken.length > 1000) throw new Error('expected an end but there is always more to take');
    store(ledger, next);
    taken.push(next);
  }
  return taken;
};

describe('what is taken next', () => {
  it('is cut in order, on the grid, with a last piece that may be odd', () => {
    const taken = storeRest(createLedger(6 * UNIT + 50_000), 2 * UNIT);

    expect(taken).toEqual([
      range(0, 2 * UNIT),
      range(2 * UNIT, 2 * UNIT),
      range(4 * UNIT, 2 * UNIT),
      range(6 * UNIT, 50_000),
    ]);
  });

  it('is all that is left when little more than asked for is left', () => {
    expect(createLedger(2 * UNIT + UNIT / 2).next(2 * UNIT)).toEqual(range(0, 2 * UNIT + UNIT / 2));
    expect(createLedger(2 * UNIT + UNIT / 2 + 1).next(2 * UNIT)).toEqual(range(0, 2 * UNIT));
    expect(createLedger(10).next(UNIT)).toEqual(range(0, 10));
  });

  it('is never larger than the largest chunk', () => {
    expect(createLedger(MAX_CHUNK + 1).next(MAX_CHUNK)).toEqual(range(0, MAX_CHUNK));
  });

  it('is what lies between pieces, over the end of an odd gap rather than off the grid', () => {
    const ledger = createLedger(10 * UNIT);
    store(ledger, range(0, UNIT + 1000), range(4 * UNIT + 500, UNIT), range(9 * UNIT, UNIT));

    expect(storeRest(ledger, 8 * UNIT)).toEqual([range(UNIT, 4 * UNIT), range(5 * UNIT, 4 * UNIT)]);
    expect(ledger.isWhole()).toBe(true);
  });

  it('leaves out what is planned, in whatever state it is', () => {
    const ledger = createLedger(5 * UNIT);
    for (const [index, state] of (['waiting', 'sending', 'doubt', 'stored'] as const).entries())
      ledger.add({ ...range(index * UNIT, UNIT), state });

    expect(ledger.next(UNIT)).toEqual(range(4 * UNIT, UNIT));
    ledger.add(range(4 * UNIT, UNIT));
    expect(ledger.next(UNIT)).toBeUndefined();
  });
});

describe('what is stored', () => {
  it('counts overlaps once', () => {
    const ledger = createLedger(10 * UNIT);
    store(ledger, range(0, 3 * UNIT), range(UNIT, UNIT), range(2 * UNIT, 2 * UNIT), range(6 * UNIT, 10));

    expect(ledger.storedBytes()).toBe(4 * UNIT + 10);
    expect(ledger.isWhole()).toBe(false);
  });

  it('is told by state and in order, with one piece a place', () => {
    const ledger = createLedger(3 * UNIT);
    store(ledger, range(2 * UNIT, UNIT), range(0, 100));
    ledger.add(range(UNIT, UNIT));
    store(ledger, range(0, UNIT));

    expect(ledger.inState('stored').map(place)).toEqual([range(0, UNIT), range(2 * UNIT, UNIT)]);
    expect(ledger.inState('waiting').map(place)).toEqual([range(UNIT, UNIT)]);
  });

  it('is everything once the original is there', () => {
    const ledger = createLedger(3 * UNIT);
    ledger.add(range(0, UNIT));
    expect([ledger.isFinished(), ledger.isWhole(), ledger.storedBytes()]).toEqual([false, false, 0]);

    ledger.finish();

    expect([ledger.isFinished(), ledger.isWhole(), ledger.storedBytes()]).toEqual([true, true, 3 * UNIT]);
  });

  it('is not taken for the whole while a piece is only sent', () => {
    const ledger = createLedger(UNIT);
    const piece = ledger.add({ ...range(0, UNIT), state: 'doubt' });
    expect(ledger.isWhole()).toBe(false);

    piece.state = 'stored';

    expect(ledger.isWhole()).toBe(true);
  });
});

describe('after storage was asked', () => {
  it('a piece in doubt is stored when it is there as it was sent, and waits again otherwise', () => {
    const ledger = createLedger(4 * UNIT);
    const pieces = [0, 1, 2].map((index) => ledger.add({ ...range(index * UNIT, UNIT), state: 'doubt' }));

    ledger.settle([range(0, UNIT), range(UNIT, 2 * UNIT)]);

    expect(pieces.map(({ state }) => state)).toEqual(['stored', 'waiting', 'waiting']);
  });

  it('pieces under way and pieces that wait stay what they are', () => {
    const ledger = createLedger(2 * UNIT);
    const pieces = [ledger.add(range(0, UNIT)), ledger.add({ ...range(UNIT, UNIT), state: 'sending' })];

    ledger.settle([range(0, UNIT), range(UNIT, UNIT)]);

    expect(pieces.map(({ state }) => state)).toEqual(['waiting', 'sending']);
  });

  it('what an earlier run stored is known, without a hash', () => {
    const ledger = createLedger(3 * UNIT);

    ledger.settle([range(UNIT, UNIT)]);

    expect(ledger.inState('stored')).toMatchObject([{ offset: UNIT, size: UNIT, sha256: null }]);
    expect(ledger.next(8 * UNIT)).toEqual(range(0, UNIT));
  });

  it('what it has lost is forgotten with all that touches it, and taken again', () => {
    const ledger = createLedger(4 * UNIT);
    store(ledger, range(0, UNIT), range(UNIT, 2 * UNIT), range(3 * UNIT, UNIT));

    ledger.forget([range(2 * UNIT, UNIT)]);

    expect(ledger.inState('stored').map(place)).toEqual([range(0, UNIT), range(3 * UNIT, UNIT)]);
    expect(ledger.next(8 * UNIT)).toEqual(range(UNIT, 2 * UNIT));
  });
});

describe('what storage has lost', () => {
  it('is forgotten only where it was taken for stored: what is under way may be its repair', () => {
    const ledger = createLedger(3 * UNIT);
    const states = ['waiting', 'sending', 'doubt'] as const;
    for (const [index, state] of states.entries()) ledger.add({ ...range(index * UNIT, UNIT), state });

    ledger.forget([range(0, 3 * UNIT)]);

    expect(states.map((state) => ledger.inState(state).length)).toEqual([1, 1, 1]);
  });
});

describe('on a link that got worse', () => {
  it('large pieces that wait are cut again, and no others', () => {
    const ledger = createLedger(16 * UNIT);
    for (const state of ['waiting', 'sending', 'doubt', 'stored'] as const)
      ledger.add({ ...ledger.next(4 * UNIT)!, state });

    ledger.shrink(2 * UNIT);

    expect(ledger.inState('waiting')).toEqual([]);
    expect((['sending', 'doubt', 'stored'] as const).flatMap((state) => ledger.inState(state))).toHaveLength(3);
    expect(ledger.next(2 * UNIT)).toEqual(range(0, 2 * UNIT));
  });

  it('pieces that are no larger than that keep their URL', () => {
    const ledger = createLedger(2 * UNIT);
    const piece = ledger.add(range(0, 2 * UNIT));
    sign(piece, { ...range(0, 2 * UNIT), url: 'https://storage.example/0', headers: { a: 'b' } }, 123);

    ledger.shrink(2 * UNIT);

    expect(ledger.inState('waiting')).toEqual([piece]);
    expect(piece.signed).toEqual({ url: 'https://storage.example/0', headers: { a: 'b' }, until: 123 });
  });
});

interface Step {
  readonly what: string;
  readonly where: { readonly at: number; readonly length: number };
  readonly state: Piece['state'];
}

/** Bytes of [0, size) that no range holds. */
const missing = (ranges: readonly ByteRange[], size: number): number => {
  const edges = [...new Set([0, size, ...ranges.flatMap(({ offset, size: bytes }) => [offset, offset + bytes])])];
  const sorted = edges.filter((edge) => edge <= size).sort((a, b) => a - b);
  return sorted.slice(1).reduce((sum, end, index) => {
    const held = ranges.some(({ offset, size: bytes }) => offset <= sorted[index]! && end <= offset + bytes);
    return held ? sum : sum + end - sorted[index]!;
  }, 0);
};

describe('whatever is stored and forgotten', () => {
  const anywhere = fc.record({ at: fc.nat(20 * UNIT), length: fc.integer({ min: 1, max: 6 * UNIT }) });
  const onGrid = fc
    .record({ at: fc.nat(20), length: fc.integer({ min: 1, max: 6 }) })
    .map(({ at, length }) => ({ at: at * UNIT, length: length * UNIT }));
  const step = fc.record({
    what: fc.constantFrom('take', 'settle', 'forget', 'shrink'),
    where: fc.oneof(anywhere, onGrid),
    state: fc.constantFrom<Piece['state']>('waiting', 'sending', 'doubt', 'stored'),
  });
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 20 * UNIT }),
    fc.integer({ min: 1, max: 20 }).map((units) => units * UNIT),
  );
  const most = fc.integer({ min: 1, max: 8 }).map((units) => units * UNIT);

  /** A ledger with some past, and nothing in it that is still to be sent. */
  const after = (size: number, steps: readonly Step[], largest: number) => {
    const ledger = createLedger(size);
    for (const { what, where, state } of steps) {
      const offset = Math.min(where.at, size - 1);
      const part = range(offset, Math.min(where.length, size - offset));
      const next = ledger.next(largest);
      if (what === 'take' && next !== undefined) ledger.add({ ...next, state });
      if (what === 'settle') ledger.settle([part]);
      if (what === 'forget') ledger.forget([part]);
      if (what === 'shrink') ledger.shrink(largest / 2);
    }
    for (const state of ['waiting', 'sending', 'doubt'] as const)
      for (const piece of ledger.inState(state)) piece.state = 'stored';
    return ledger;
  };

  it('taking what is next until nothing is left ends with every byte, in pieces on the grid', () => {
    fc.assert(
      fc.property(sizes, fc.array(step, { maxLength: 25 }), most, (size, steps, largest) => {
        const ledger = after(size, steps, largest);

        const taken = storeRest(ledger, largest);

        expect(ledger.isWhole()).toBe(true);
        expect(ledger.storedBytes()).toBe(size);
        expect(missing(ledger.inState('stored'), size)).toBe(0);
        for (const { offset, size: bytes } of taken) {
          expect(offset % UNIT).toBe(0);
          expect(bytes % UNIT === 0 || offset + bytes === size).toBe(true);
          expect(bytes).toBeLessThanOrEqual(largest + UNIT / 2);
        }
      }),
      { numRuns: 500 },
    );
  });
});
