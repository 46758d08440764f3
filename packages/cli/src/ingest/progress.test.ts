import { PassThrough } from 'node:stream';
import { rejectCodes } from '@darkroom/types/codes';
import fc from 'fast-check';
import { bytes, duration, failureList, reportTable } from '../output.ts';
import { adviceFor } from './advice.ts';
import type { SourceFile } from './collect.ts';
import { createPace } from './pace.ts';
import { createProgress } from './progress.ts';
import { describeFailure, type IngestedFile, summarise } from './report.ts';
import { createTally } from './tally.ts';

const file = (name: string, size = 1_000_000): SourceFile => ({
  path: `/${name}`,
  name,
  size,
  contentType: 'image/jpeg',
});

const result = (name: string, change: Partial<IngestedFile> = {}): IngestedFile => ({
  ...describeFailure(file(name), { imageId: null, status: 'READY', reason: null, message: null, ms: 5 }),
  ...change,
});

describe('tally', () => {
  it('counts bytes on their way, their rate, and what is left', () => {
    const [a, b] = [file('a'), file('b')];
    const tally = createTally([a, b], 0);

    tally.update({ step: 'moving', file: a, bytes: 250_000 }, 1000);
    tally.update({ step: 'moving', file: a, bytes: 500_000 }, 2000);

    expect(tally.sentBytes()).toBe(500_000);
    expect(tally.sending(2000)).toBe('500 kB of 2.0 MB, 250 kB/s, 6 s left');
    expect(tally.developing(2000)).toBe('0 of 2');
  });

  it('makes no rate of a duplicate, which is there at once, and names what is not ready', () => {
    const files = [file('a'), file('b'), file('c')];
    const tally = createTally(files, 0);

    tally.update({ step: 'done', file: files[0]!, result: result('a', { duplicateOf: 'x' }) }, 2000);
    tally.update({ step: 'done', file: files[1]!, result: result('b', { status: 'REJECTED' }) }, 2000);

    expect(tally.sending(2000)).toBe('2.0 MB of 3.0 MB');
    expect(tally.developing(2000)).toBe('2 of 3, 1.0/s, 1 s left; 1 duplicate, 1 rejected');
  });

  it('never counts more than there is, in whatever order things are told', () => {
    const files = [file('a', 10), file('b', 0), file('c', 7)];
    const step = fc.record({
      index: fc.nat({ max: 2 }),
      kind: fc.constantFrom('moving' as const, 'sent' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const tally = createTally(files, 0);
        for (const { index, kind, share } of steps) {
          const which = files[index]!;
          tally.update({ step: kind, file: which, bytes: Math.floor(which.size * share) }, 1);
          expect(tally.sentBytes()).toBeGreaterThanOrEqual(0);
          expect(tally.sentBytes()).toBeLessThanOrEqual(17);
        }
        for (const which of files) tally.update({ step: 'done', file: which, result: result(which.name) }, 2);
        expect([tally.sentBytes(), tally.doneFiles()]).toEqual([17, 3]);
      }),
    );
  });
});

describe('pace', () => {
  it('looks back ten seconds and tells nothing in the first', () => {
    const pace = createPace(0);
    pace.add(100, 500);
    expect(pace.perSecond(900)).toBeNull();
    expect(pace.perSecond(2000)).toBe(50);
    pace.add(100, 11_000);
    expect(pace.perSecond(12_000)).toBe(10);
    expect(pace.perSecond(60_000)).toBeNull();
  });
});

describe('progress', () => {
  const stream = (isTTY: boolean) => {
    const out = Object.assign(new PassThrough(), { isTTY, columns: 120, cursorTo: () => true, clearLine: () => true });
    let text = '';
    out.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    return { out: out as unknown as NodeJS.WriteStream, text: () => text };
  };

  it('is a line a file where there is no terminal', () => {
    const { out, text } = stream(false);
    const progress = createProgress([file('a'), file('b')], out);
    progress.update({ step: 'moving', file: file('a'), bytes: 10 });
    progress.update({ step: 'done', file: file('a'), result: result('a') });
    progress.update({ step: 'done', file: file('b'), result: result('b', { duplicateOf: 'a' }) });
    progress.stop();
    expect(text()).toBe('1/2 READY a\n2/2 READY b (the same bytes as a)\n');
  });
});

describe('report', () => {
  it('lists what failed by reason, with what to do, and counts what is too long to list', () => {
    const broken = Array.from({ length: 25 }, (_, index) =>
      result(`f${index}`, { status: 'REJECTED', reason: 'EMPTY_FILE', message: 'the file has no bytes' }),
    );
    const text = failureList([...broken, result('x', { status: 'FAILED', reason: 'UNREACHABLE', message: 'gone' })]);
    expect(text).toContain(`EMPTY_FILE: the file has no bytes\n  → ${adviceFor('EMPTY_FILE')}\n    f0\n`);
    expect(text).toContain('    f19\n    and 5 more; --json lists all\n');
    expect(text).toContain(`UNREACHABLE: gone\n  → ${adviceFor('UNREACHABLE')}\n    x\n`);
    expect(failureList([result('fine')])).toBe('');
  });

  it('names each file of a small batch, and sums a large one up by status', () => {
    const variants = [{ url: 'u', width: 1, height: 1, format: 'avif', bytes: 100_000 }];
    const few = reportTable(summarise([result('one', { variants }), result('two', { duplicateOf: 'one' })], 2));
    expect(few).toContain('one   READY        5 ms  1         1.0 MB → 100 kB (-90 %)');
    expect(few).toContain('two   READY = one');
    expect(few).toContain('2 images: 2 ready, 0 rejected, 0 failed, 0 lost (1 of them duplicates) in 2.0 s');

    const many = Array.from({ length: 100 }, (_, index) => result(`name-${index}`, { variants }));
    const summed = reportTable(summarise(many, 2));
    expect(summed).not.toContain('name-1');
    expect(summed).toContain('READY   100    100.0 MB  5 ms         100       100.0 MB → 10.0 MB (-90 %)');
  });

  it('has advice of one sentence for every reason an image can be rejected for', () => {
    for (const code of [...Object.keys(rejectCodes), 'INTERRUPTED', 'NO_VERDICT', 'toString'])
      expect(adviceFor(code)).toMatch(/^[A-Z].*\.$/);
  });

  it('writes sizes and times as people do', () => {
    expect([640, 92_400, 3_540_000, 4_200_000_000].map(bytes)).toEqual(['640 B', '92 kB', '3.5 MB', '4.20 GB']);
    expect([0.2, 43, 700, 11_100].map(duration)).toEqual(['1 s', '43 s', '12 min', '3 h 5 min']);
  });
});
