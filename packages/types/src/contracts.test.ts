import { ladder, widthsOf } from './ladder.ts';
import { limits } from './limits.ts';
import { causeMessage, ImageRejected, parseRejection } from './rejection.ts';

describe('rejections', () => {
  it('survive the way through Lambda and Step Functions', () => {
    const error = new ImageRejected('TOO_LARGE', 'expected at most 20000 pixels a side but found 8388609');
    const cause = JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: [] });

    expect(parseRejection({ Error: error.name, Cause: cause })).toEqual({
      code: 'TOO_LARGE',
      message: 'expected at most 20000 pixels a side but found 8388609',
    });
  });

  it.each([
    ['an error of ours', { Error: 'TypeError', Cause: '{"errorMessage":"TOO_LARGE: x"}' }],
    ['a code that does not exist', { Error: 'ImageRejected', Cause: '{"errorMessage":"NO_SUCH: x"}' }],
    ['no cause at all', { Error: 'ImageRejected' }],
  ])('do not arise from %s', (_what, caught) => {
    expect(parseRejection(caught)).toBeUndefined();
  });

  it('read plain-text causes as they are', () => {
    expect(causeMessage('Task timed out')).toBe('Task timed out');
  });
});

describe('data files', () => {
  it('keep the ladder ascending and every eager rung on it', () => {
    for (const widths of [ladder.widths, ladder.squareWidths])
      expect(widths).toEqual([...widths].sort((a, b) => a - b));
    for (const { width, tier } of Object.values(ladder.families).flat())
      expect(widthsOf(ladder, tier)).toContain(width);
  });

  it('never make a low-tier file where it shares the normal one', () => {
    const low = Object.values(ladder.families)
      .flat()
      .filter(({ tier }) => tier === 'l');
    for (const rung of low) expect(rung.width).toBeGreaterThanOrEqual(ladder.lowTierFrom);
  });

  it('offer at most 36 keys an image, so that a cache cannot be flooded', () => {
    const low = ladder.widths.filter((width) => width >= ladder.lowTierFrom);
    const rungs = ladder.widths.length + low.length + ladder.squareWidths.length;
    expect(rungs * ladder.formats.length).toBeLessThanOrEqual(36);
  });

  it('let ten thousand parts hold the largest upload', () => {
    expect(limits.upload.partBytes * 10_000).toBeGreaterThanOrEqual(limits.upload.maxBytes);
  });
});
