import type { Row } from './model.ts';
import { printSummary, summarise } from './summary.ts';

const row = (file: string, changes: Partial<Row> = {}): Row => ({
  file: `/photos/${file}`,
  outcome: { status: 'READY', variants: 7, format: 'jpeg', megapixels: 12 },
  headerBytes: 65_536,
  steps: {},
  milliseconds: 900,
  cpuMilliseconds: 800,
  peakMegabytes: 150,
  faults: [],
  ...changes,
});
const refused = row('b.jpg', { outcome: { status: 'REJECTED', code: 'TOO_LARGE' } });

describe('summarise', () => {
  it('counts outcomes, and what was validated from the first bytes', () => {
    const rows = [row('a.jpg'), row('c.gif', { headerBytes: 65_537 }), refused];
    expect(summarise(rows, { photographs: false })).toEqual({
      files: 3,
      ready: 2,
      rejected: { TOO_LARGE: 1 },
      failed: 0,
      worstMilliseconds: 900,
      worstMegabytes: 150,
      validatedWithin64KiB: 0.5,
      complaints: [],
    });
  });

  it.each([
    ['fails', { outcome: { status: 'FAILED', error: 'Error: x' } }, 'FAILED: Error: x'],
    ['is slow', { milliseconds: 10_001 }, 'took 10001 ms, 800 ms of CPU'],
    ['is large', { peakMegabytes: 1_001 }, 'took 1001 MB'],
    ['leaks', { faults: ['320-n.jpeg holds APP1'] }, '320-n.jpeg holds APP1'],
  ] as [string, Partial<Row>, string][])('complains of a file that %s', (_what, changes, why) => {
    const rows = [row('a.jpg', changes)];
    const summary = summarise(rows, { photographs: false });
    expect(summary.complaints).toEqual([{ file: '/photos/a.jpg', why }]);
    expect(printSummary(summary, rows, '/photos')).toContain(`a.jpg: ${why}`);
  });

  it('complains of a rejection among photographs', () => {
    expect(summarise([refused], { photographs: true }).complaints).toEqual([
      { file: '/photos/b.jpg', why: 'REJECTED: TOO_LARGE' },
    ]);
  });
});
