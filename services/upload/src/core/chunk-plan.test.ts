import type { ByteRange } from '@darkroom/types/api';
import { seeded } from '../../../../packages/client/test/support/random.ts';
import type { StoredChunk } from '../ports.ts';
import { endOf, merged, onBorders, planRead, touches } from './chunk-plan.ts';

type Pair = readonly [offset: number, size: number];
const rangesOf = (...pairs: readonly Pair[]): ByteRange[] => pairs.map(([offset, size]) => ({ offset, size }));
const chunksOf = (...pairs: readonly Pair[]): StoredChunk[] =>
  pairs.map(([offset, size]) => ({ offset, size, etag: `${offset}+${size}` }));
const ordersOf = (...pairs: readonly Pair[]) =>
  rangesOf(...pairs).map((range) => ({ ...range, sha256: 'a'.repeat(64) }));

/** Pieces as [first byte, bytes, offset of the chunk]. */
const piecesOf = (...[size, stored, listed]: Parameters<typeof planRead>) =>
  planRead(size, stored, listed).pieces.map(({ start, size: taken, chunk }) => [start, taken, chunk.offset]);

describe('planRead', () => {
  it('reads chunks that lie end to end in the order of the file, whatever order they are listed in', () => {
    const pieces = piecesOf(25, chunksOf([20, 5], [0, 10], [10, 10]));

    expect(pieces).toEqual([
      [0, 10, 0],
      [10, 10, 10],
      [20, 5, 20],
    ]);
  });

  it('names all of the file as one gap when nothing has arrived', () => {
    expect(planRead(25, [])).toEqual({ pieces: [], gaps: [{ offset: 0, size: 25 }] });
  });

  it('names what is missing at the beginning, in the middle and at the end', () => {
    const { gaps } = planRead(50, chunksOf([10, 10], [30, 10]));

    expect(gaps).toEqual(rangesOf([0, 10], [20, 10], [40, 10]));
  });

  it('takes no byte twice from chunks that overlap, and follows the one that reaches furthest', () => {
    const pieces = piecesOf(30, chunksOf([0, 10], [5, 20], [6, 4], [20, 10]));

    expect(pieces).toEqual([
      [0, 10, 0],
      [10, 15, 5],
      [25, 5, 20],
    ]);
  });

  it('takes chunks that are exactly what the client lists before any others', () => {
    const stored = chunksOf([0, 10], [5, 25], [10, 10], [20, 10]);

    const pieces = piecesOf(30, stored, rangesOf([0, 10], [10, 10], [20, 10]));

    expect(pieces.map(([, , offset]) => offset)).toEqual([0, 10, 20]);
  });

  it('does not prefer a chunk whose size is not the one that is listed', () => {
    const pieces = piecesOf(20, chunksOf([0, 20], [10, 10]), rangesOf([0, 10], [10, 10]));

    expect(pieces).toEqual([
      [0, 10, 0],
      [10, 10, 10],
    ]);
  });

  it('takes nothing from behind the end of the file', () => {
    const { pieces, gaps } = planRead(15, chunksOf([0, 10], [10, 10], [20, 10]));

    expect(pieces.map(({ start, size }) => [start, size])).toEqual([
      [0, 10],
      [10, 5],
    ]);
    expect(gaps).toEqual([]);
  });

  it('covers exactly what is there, once and in order, whatever the chunks', () => {
    const random = seeded(20_261_123);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let round = 0; round < 400; round += 1) {
      const size = 1 + below(120);
      // Storage holds one chunk an offset.
      const byOffset = new Map(Array.from({ length: below(14) }, () => [below(140), 1 + below(50)] as const));
      const stored = chunksOf(...byOffset);
      const listed = stored.filter(() => random() < 0.4).map((chunk) => ({ ...chunk, size: chunk.size + below(2) }));
      const exact = stored.filter((chunk) =>
        listed.some((each) => each.offset === chunk.offset && each.size === chunk.size),
      );
      const holds = (chunks: readonly ByteRange[], at: number) =>
        chunks.some((chunk) => chunk.offset <= at && at < endOf(chunk));

      const { pieces, gaps } = planRead(size, stored, listed);

      const sources = Array.from({ length: size }, (): StoredChunk[] => []);
      for (const { start, size: taken, chunk } of pieces)
        for (let at = start; at < start + taken; at += 1) sources[at]?.push(chunk);
      expect(pieces.every((piece, n) => piece.size > 0 && piece.start >= (pieces[n - 1]?.start ?? 0))).toBe(true);
      expect(
        pieces.every(({ start, size: taken, chunk }) => start >= chunk.offset && start + taken <= endOf(chunk)),
      ).toBe(true);
      expect(sources.map((from) => from.length)).toEqual(sources.map((_, at) => (holds(stored, at) ? 1 : 0)));
      expect(sources.every(([from], at) => !holds(exact, at) || (from !== undefined && exact.includes(from)))).toBe(
        true,
      );
      expect(gaps).toEqual(
        merged(rangesOf(...sources.flatMap((from, at): Pair[] => (from.length === 0 ? [[at, 1]] : [])))),
      );
    }
  });
});

describe('touches', () => {
  const ranges = rangesOf([10, 10], [30, 5]);

  it.each([
    ['ends where the first begins', [0, 10], false],
    ['reaches the first byte', [0, 11], true],
    ['lies within one', [12, 2], true],
    ['has the last byte of one', [19, 5], true],
    ['lies between two', [20, 10], false],
    ['spans all', [0, 100], true],
    ['begins where the last ends', [35, 5], false],
  ] as const)('tells of a range that %s', (_, [offset, size], answer) => {
    expect(touches({ offset, size }, ranges)).toBe(answer);
  });

  it('finds nothing among no ranges', () => {
    expect(touches({ offset: 0, size: 10 }, [])).toBe(false);
  });
});

describe('merged', () => {
  it('orders ranges and makes those one that touch or overlap', () => {
    const result = merged(rangesOf([40, 5], [10, 10], [0, 10], [12, 3], [21, 4], [44, 6]));

    expect(result).toEqual(rangesOf([0, 20], [21, 4], [40, 10]));
  });

  it('leaves what it was given as it was', () => {
    const given = rangesOf([10, 10], [0, 10]);

    merged(given);

    expect(given).toEqual(rangesOf([10, 10], [0, 10]));
  });
});

describe('onBorders', () => {
  it('names whole chunks of the client for gaps that begin or end within them', () => {
    const result = onBorders(rangesOf([15, 10]), ordersOf([0, 10], [10, 10], [20, 10], [30, 10]));

    expect(result).toEqual(rangesOf([10, 10], [20, 10]));
  });

  it('names what no chunk of the client holds as it is, in order with the others', () => {
    const result = onBorders(rangesOf([0, 5], [12, 18]), ordersOf([10, 10]));

    expect(result).toEqual(rangesOf([0, 5], [10, 10], [20, 10]));
  });

  it('names the gaps themselves for a client that lists nothing', () => {
    expect(onBorders(rangesOf([0, 5], [12, 18]), [])).toEqual(rangesOf([0, 5], [12, 18]));
  });

  it('names nothing when nothing is missing', () => {
    expect(onBorders([], ordersOf([0, 10]))).toEqual([]);
  });
});
