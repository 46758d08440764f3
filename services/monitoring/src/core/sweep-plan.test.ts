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
    ['REVIEW', 1, 'drop'],
    ['DELETED', 1, 'drop'],
  ] as const)('does with %s after attempt %d: %s', (status, attempt, action) => {
    expect(planSweep({ status, attempt, etag: 'e1' }, 3)).toBe(action);
  });

  it.each([
    ['PROCESSING', 2, 'queue'],
    ['PROCESSING', 3, 'redrive'],
    ['PROCESSING', 4, 'redrive'],
    ['PROCESSING', 5, 'fail'],
    ['FAILED', 5, 'announce'],
    ['READY', 3, 'drop'],
  ] as const)('does with %s of attempt %d, approved under attempt 2: %s', (status, attempt, action) => {
    const review = { decision: 'approve', at: '2026-11-23T20:40:00.000Z', etag: 'e1', attempt: 2 } as const;
    expect(planSweep({ status, attempt, etag: 'e1', review }, 3)).toBe(action);
  });

  it('counts every attempt of bytes that nobody approved', () => {
    const review = { decision: 'approve', at: '2026-11-23T20:40:00.000Z', etag: 'e0', attempt: 2 } as const;
    expect(planSweep({ status: 'PROCESSING', attempt: 3, etag: 'e1', review }, 3)).toBe('fail');
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
