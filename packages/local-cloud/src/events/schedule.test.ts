import { parseSchedule } from './schedule.ts';

const NOW = Date.parse('2026-01-15T10:20:30Z'); // a Thursday

const next = (expression: string, now = NOW): string | undefined => {
  const at = parseSchedule(expression).next(now);
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('schedules', () => {
  it.each([
    ['rate(1 minute)', '2026-01-15T10:21:30.000Z'],
    ['rate(5 minutes)', '2026-01-15T10:25:30.000Z'],
    ['rate(2 days)', '2026-01-17T10:20:30.000Z'],
    ['cron(0/15 * * * ? *)', '2026-01-15T10:30:00.000Z'],
    ['cron(15,45 10 * * ? *)', '2026-01-15T10:45:00.000Z'],
    ['cron(0 18 ? * MON-FRI *)', '2026-01-15T18:00:00.000Z'],
    ['cron(0 8 1 * ? *)', '2026-02-01T08:00:00.000Z'],
    ['cron(0 9 L * ? *)', '2026-01-31T09:00:00.000Z'],
    ['cron(0 9 3W * ? *)', '2026-02-03T09:00:00.000Z'],
    ['cron(0 9 ? * 1 *)', '2026-01-18T09:00:00.000Z'], // 1 is Sunday
    ['cron(0 9 ? * 2-6 *)', '2026-01-16T09:00:00.000Z'],
    ['cron(0 9 ? * 2#1 *)', '2026-02-02T09:00:00.000Z'], // first Monday
    ['cron(15 10 ? * 6L 2026-2027)', '2026-01-30T10:15:00.000Z'], // last Friday
    ['cron(0 0 1 JAN ? 2027)', '2027-01-01T00:00:00.000Z'],
    ['at(2027-01-01T00:00:00)', '2027-01-01T00:00:00.000Z'],
  ])('%s comes next at %s', (expression, at) => {
    expect(next(expression)).toBe(at);
  });

  it('is strictly after now', () => {
    expect(next('cron(20 10 * * ? *)', Date.parse('2026-01-15T10:20:00Z'))).toBe('2026-01-16T10:20:00.000Z');
  });

  it.each(['cron(0 9 1 1 ? 2020)', 'at(2020-01-01T00:00:00)'])('%s never comes again', (expression) => {
    expect(next(expression)).toBeUndefined();
  });

  it.each([
    'rate(1 minutes)',
    'rate(2 minute)',
    'rate(0 minutes)',
    'rate(5 weeks)',
    'cron(* * * * *)',
    'cron(* * * * * *)',
    'cron(61 * * * ? *)',
    'every day',
  ])('refuses %s', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(expect.objectContaining({ code: 'ValidationException' }));
  });
});
