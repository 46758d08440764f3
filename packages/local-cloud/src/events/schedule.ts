import { Cron } from 'croner';
import { AwsError } from '../service.ts';

/** A schedule that has been understood. */
export interface Schedule {
  /** The next moment strictly after `now`, both in milliseconds since the epoch; undefined when there is none. */
  readonly next: (now: number) => number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const RATE = /^rate\((\d+) (minute|hour|day)(s?)\)$/;
const CRON = /^cron\((.+)\)$/;
const AT = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/;
/** minutes, hours, day of month, month, day of week, year */
const CRON_FIELDS = 6;
/** The last value of each of them. */
const LAST = ['59', '23', '31', '12', '6', '2199'];

const invalid = (expression: string, cause?: unknown): AwsError =>
  new AwsError('ValidationException', `Parameter ScheduleExpression is not valid: ${expression}`, { cause });

/** EventBridge counts days of the week from 1 (Sunday), croner from 0; `L` alone means Saturday, `6L` the last Friday. */
function dayOfWeek(field: string): string {
  if (field === 'L') return '6';
  return field
    .replace(/(?<![#/\d])\d+/g, (day) => String(Number(day) - 1))
    .replace(/(\d|[A-Z]{3})L/g, (_, day: string) => `${day}#L`);
}

/** `5/15` means from 5 on in steps of 15; croner wants the end of the range named. */
function openSteps(field: string, last: string): string {
  return field.replace(/(^|,)(\d+)\//g, (_, before: string, from: string) => `${before}${from}-${last}/`);
}

/** croner's pattern, which begins with seconds, of the six fields of a rule; `?` means "no value", and one of the day fields must be it. */
function cronPattern(body: string): string | undefined {
  const fields = body.trim().split(/\s+/);
  const [minute, hour, date, month, weekday, year] = fields;
  if (fields.length !== CRON_FIELDS || (date === '?') === (weekday === '?')) return undefined;
  const days = weekday === '?' ? '*' : dayOfWeek(String(weekday).toUpperCase());
  const all = [minute, hour, date === '?' ? '*' : date, month, days, year];
  return ['0', ...all.map((field, index) => openSteps(String(field), LAST[index] ?? ''))].join(' ');
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
function parseCron(expression: string, body: string): Schedule {
  const pattern = cronPattern(body);
  if (pattern === undefined) throw invalid(expression);
  try {
    const cron = new Cron(pattern, { timezone: 'UTC', mode: '7-part', paused: true });
    return { next: (now) => cron.nextRun(new Date(now))?.getTime() };
  } catch (error) {
    throw invalid(expression, error);
  }
}

/** Milliseconds; undefined when it is no rate. AWS insists on the grammar: rate(1 minute), rate(2 minutes). */
function parseRate(expression: string): number | undefined {
  const [, count, unit = '', plural] = RATE.exec(expression) ?? [];
  const period = Number(count) * (UNIT_MS[unit] ?? 0);
  return period > 0 && (count === '1') === (plural === '') ? period : undefined;
}

/**
 * Understands `rate(…)`, `cron(…)` (in UTC, as rules have it) and `at(…)`.
 * @throws AwsError ValidationException
 */
export function parseSchedule(expression: string): Schedule {
  const period = parseRate(expression);
  if (period !== undefined) return { next: (now) => now + period };
  const at = AT.exec(expression)?.[1];
  if (at !== undefined) {
    const time = Date.parse(`${at}Z`);
    return { next: (now) => (time > now ? time : undefined) };
  }
  const body = CRON.exec(expression)?.[1];
  if (body === undefined) throw invalid(expression);
  return parseCron(expression, body);
}
