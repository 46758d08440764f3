import { randomUUID } from 'node:crypto';
import type { CloudContext } from '../service.ts';
import type { ScheduleTrigger } from '../stack/triggers.ts';

/** Next moment of a schedule strictly after `now`, milliseconds since the epoch; undefined when there is none. */
export type NextTime = (expression: string, now: number) => number | undefined;

export interface SchedulerPorts {
  readonly next: NextTime;
  /** Hands the event to a function or a queue. Must not throw. */
  readonly deliver: (targetArn: string, event: unknown) => void;
}

/** Timers longer than 2^31-1 ms fire at once; an hour is looked at again. */
const MAX_TIMER_MS = 3_600_000;

/** Fires schedules of functions and rules; what was due while the system was down is not made up for, as nobody was there to see it. */
export class Scheduler {
  readonly #context: CloudContext;
  readonly #ports: SchedulerPorts;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #schedules: ScheduleTrigger[] = [];

  constructor(context: CloudContext, ports: SchedulerPorts) {
    this.#context = context;
    this.#ports = ports;
  }

  get schedules(): readonly ScheduleTrigger[] {
    return this.#schedules;
  }

  add(schedule: ScheduleTrigger): void {
    this.#schedules.push(schedule);
    this.#arm(schedule, this.#ports.next(schedule.expression, this.#context.now()));
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #arm(schedule: ScheduleTrigger, at: number | undefined): void {
    if (at === undefined) return;
    const delay = Math.max(0, at - this.#context.now());
    const timer = setTimeout(
      () => {
        if (delay > MAX_TIMER_MS) this.#arm(schedule, at);
        else this.#fire(schedule, at);
      },
      Math.min(delay, MAX_TIMER_MS),
    );
    timer.unref();
    this.#timers.set(`${schedule.name} ${schedule.targetArn}`, timer);
  }

  #fire(schedule: ScheduleTrigger, at: number): void {
    this.#ports.deliver(schedule.targetArn, schedule.input ?? this.#event(schedule, at));
    this.#arm(schedule, this.#ports.next(schedule.expression, Math.max(at, this.#context.now())));
  }

  /** The event that EventBridge sends for a scheduled rule. */
  #event(schedule: ScheduleTrigger, at: number): unknown {
    const { region, accountId } = this.#context;
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: accountId,
      time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources: [`arn:aws:events:${region}:${accountId}:rule/${schedule.name}`],
      detail: {},
    };
  }
}
