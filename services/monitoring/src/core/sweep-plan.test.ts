import { domainEvents } from '@darkroom/types/events';
import { limits } from '@darkroom/types/limits';
import { abandoned } from '../../test/support/fixtures.ts';
import { abandonedReason, CLOCK_SKEW_MS, failedEvent, GRACE_MS, planSweep } from './sweep-plan.ts';

describe('planSweep', () => {
  it.each([
    ['PROCESSING', 1, 'redrive'],
    ['PROCESSING', 2, 'redrive'],
    ['PROCESSING', 3, 'fail'],
    ['PROCESSING', 4, 'fail'],
    ['FAILED', 3, 'announce'],
    ['READY', 1, 'drop'],
    ['REJECTED', 1, 'drop'],
    ['DELETED', 1, 'drop'],
  ] as const)('does with %s after attempt %d: %s', (status, attempt, action) => {
    expect(planSweep({ status, attempt }, 3)).toBe(action);
  });
});

describe('the times', () => {
  it('leave an image that waits for its next attempt to its own message', () => {
    const waits = limits.pipeline.retryBackoffSeconds.slice(0, limits.pipeline.maxAttempts - 1);
    expect(GRACE_MS).toBeGreaterThan(Math.max(...waits) * 1000);
  });

  it('let one sweep act once', () => {
    expect(CLOCK_SKEW_MS).toBeLessThan(GRACE_MS);
  });
});

describe('failedEvent', () => {
  it('keeps the contract and names the last known reason', () => {
    const reason = { code: 'INTERNAL', message: 'Runtime.ExitError: exit status 134' } as const;
    const { type, detail } = failedEvent(abandoned({ attempt: 3, reason, terminalAt: '2026-11-23T20:40:00.000Z' }));
    expect(type).toBe('image.failed');
    expect(domainEvents['image.failed'].parse(detail)).toMatchObject({ reason, at: '2026-11-23T20:40:00.000Z' });
  });

  it('has a reason when nobody left one', () => {
    expect(abandonedReason(abandoned({ attempt: 3 }))).toEqual({
      code: 'INTERNAL',
      message: 'attempt 3 neither ended nor failed within its lease',
    });
  });
});
