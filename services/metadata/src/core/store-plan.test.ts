import { header, metadata, task, variants } from '../../test/support/fixtures.ts';
import { errorText, planStore } from './store-plan.ts';

const rejection = (errorMessage: string) => ({
  Error: 'ImageRejected',
  Cause: JSON.stringify({
    errorType: 'ImageRejected',
    errorMessage,
    trace: ['ImageRejected: …', '    at x (/var/task/x.js:1)'],
  }),
});

describe('planStore', () => {
  it('joins the variants of all families', () => {
    const families = [
      { family: 'thumbnail' as const, variants },
      { family: 'mobile' as const, variants: [] },
      { family: 'web' as const, variants },
    ];
    const plan = planStore({ outcome: 'ready', task: task(), header, metadata, families }, 3);
    expect(plan).toEqual({
      kind: 'terminal',
      terminal: { status: 'READY', header, metadata, variants: [...variants, ...variants] },
    });
  });

  it('rejects for the reason of a verdict or of a thrown ImageRejected', () => {
    const reason = { code: 'TOO_LARGE' as const, message: 'too large' };
    expect(planStore({ outcome: 'rejected', task: task(), reason }, 3)).toMatchObject({
      terminal: { status: 'REJECTED', reason },
    });
    const thrown = planStore({ outcome: 'rejected', task: task(), error: rejection('BAD_ASPECT: too thin') }, 3);
    expect(thrown).toMatchObject({
      terminal: { status: 'REJECTED', reason: { code: 'BAD_ASPECT', message: 'too thin' } },
    });
  });

  it.each([
    ['without any reason', {}],
    ['with a code nobody knows', { error: rejection('NO_SUCH_CODE: what') }],
    ['by an error that is none', { error: { Error: 'States.Timeout' } }],
  ])('does not blame the image for a rejection %s', (_, fields) => {
    expect(planStore({ outcome: 'rejected', task: task(), ...fields }, 3).kind).toBe('release');
    const last = planStore({ outcome: 'rejected', task: task({ attempt: 3 }), ...fields }, 3);
    expect(last).toMatchObject({ terminal: { status: 'FAILED', reason: { code: 'INTERNAL' } } });
  });

  it.each([
    [1, 'release'],
    [2, 'release'],
    [3, 'terminal'],
    [4, 'terminal'],
  ])('ends attempt %p that failed by %s', (attempt, kind) => {
    const input = { outcome: 'failed' as const, task: task({ attempt }), error: { Error: 'Runtime.ExitError' } };
    expect(planStore(input, 3).kind).toBe(kind);
  });

  it.each([
    [3, 'release'],
    [4, 'release'],
    [5, 'terminal'],
  ])('counts from the approval: attempt %p, approved under 2, ends by %s', (attempt, kind) => {
    const moderation = { verdict: 'allowed', scores: {}, model: 'm@1' } as const;
    const approved = task({ attempt, approval: { moderation, attempt: 2 } });
    expect(planStore({ outcome: 'failed', task: approved, error: { Error: 'E' } }, 3).kind).toBe(kind);
  });
});

describe('errorText', () => {
  it('is one line, without the stack', () => {
    const Cause = JSON.stringify({ errorMessage: 'decoder died\n    at y (/var/task/y.js:2)', trace: ['    at x'] });
    expect(errorText({ Error: 'Error', Cause })).toBe('Error: decoder died');
  });

  it('is the name when there is no cause, and never long', () => {
    expect(errorText({ Error: 'States.Timeout' })).toBe('States.Timeout');
    expect(errorText({ Error: 'E', Cause: 'x'.repeat(10_000) })).toHaveLength(500);
  });
});
