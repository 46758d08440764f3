import { ladder } from './ladder.ts';
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
    expect(ladder.widths).toEqual([...ladder.widths].sort((a, b) => a - b));
    for (const rung of Object.values(ladder.families).flat()) expect(ladder.widths).toContain(rung.width);
  });

  it('never make a low-tier file where it shares the normal one', () => {
    const low = Object.values(ladder.families)
      .flat()
      .filter(({ tier }) => tier === 'l');
    for (const rung of low) expect(rung.width).toBeGreaterThanOrEqual(ladder.lowTierFrom);
  });

  it('offer at most 36 keys an image, so that a cache cannot be flooded', () => {
    expect(ladder.widths.length * ladder.tiers.length * ladder.formats.length).toBeLessThanOrEqual(36);
  });

  it('let ten thousand parts hold the largest upload', () => {
    expect(limits.upload.partBytes * 10_000).toBeGreaterThanOrEqual(limits.upload.maxBytes);
  });
});
