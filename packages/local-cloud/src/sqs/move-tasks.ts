import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { AwsError, type CloudContext, type Log } from '../service.ts';
import { invalidParameter } from './errors.ts';
import type { MessageStore } from './message-store.ts';
import type { Queue, QueueStore } from './queue-store.ts';

type Status = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

interface TaskRow {
  readonly id: string;
  readonly sourceArn: string;
  readonly destinationArn: string | null;
  readonly perSecond: number | null;
  readonly status: Status;
  readonly moved: number;
  readonly toMove: number;
  readonly failure: string | null;
  readonly startedAt: number;
}

export interface MoveTaskResult {
  readonly TaskHandle?: string;
  readonly Status: Status;
  readonly SourceArn: string;
  readonly DestinationArn?: string;
  readonly MaxNumberOfMessagesPerSecond?: number;
  readonly ApproximateNumberOfMessagesMoved: number;
  readonly ApproximateNumberOfMessagesToMove: number;
  readonly FailureReason?: string;
  readonly StartedTimestamp: number;
}

/** Messages moved in one go, so that other work gets its turn in between. */
const CHUNK = 100;
const SECOND_MS = 1000;

const handleOf = (task: TaskRow): string =>
  Buffer.from(JSON.stringify({ taskId: task.id, sourceArn: task.sourceArn })).toString('base64');

/** Redrive of dead-letter queues (StartMessageMoveTask). Tasks are on disk and go on after a restart. */
export class MoveTasks {
  readonly #context: CloudContext & { readonly log: Log };
  readonly #database: DatabaseSync;
  readonly #queues: QueueStore;
  readonly #messages: MessageStore;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(context: CloudContext, database: DatabaseSync, stores: { queues: QueueStore; messages: MessageStore }) {
    this.#context = context;
    this.#database = database;
    this.#queues = stores.queues;
    this.#messages = stores.messages;
    for (const task of this.#rows("SELECT * FROM move_task WHERE status = 'RUNNING'")) this.#schedule(task.id, 0);
  }

  /**
   * @param options.destinationArn where to; without it every message goes back to the queue it came from
   * @throws AwsError ResourceNotFoundException, InvalidParameterValue, UnsupportedOperation
   */
  start(sourceArn: string, options: { destinationArn: string | undefined; perSecond: number | undefined }): string {
    const source = this.#existing(sourceArn);
    if (this.#queues.sourcesOf(sourceArn).length === 0) {
      throw invalidParameter('SourceArn', sourceArn, 'Source queue must be configured as a Dead Letter Queue');
    }
    if (options.destinationArn !== undefined) this.#existing(options.destinationArn);
    if (this.#rows("SELECT * FROM move_task WHERE status = 'RUNNING' AND sourceArn = ?", sourceArn).length > 0) {
      throw new AwsError(
        'UnsupportedOperation',
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const { visible, notVisible, delayed } = this.#messages.counts(source);
    const [task] = this.#rows(
      `INSERT INTO move_task (id, sourceArn, destinationArn, perSecond, status, toMove, startedAt)
       VALUES (?, ?, ?, ?, 'RUNNING', ?, ?) RETURNING *`,
      randomUUID(),
      sourceArn,
      options.destinationArn ?? null,
      options.perSecond ?? null,
      visible + notVisible + delayed,
      this.#context.now(),
    );
    if (!task)
      throw new AwsError('InternalError', 'expected the move task to be stored but received no row', { status: 500 });
    this.#schedule(task.id, 0);
    return handleOf(task);
  }

  /** Newest first. Only a running task has a handle, as on AWS. @throws AwsError ResourceNotFoundException */
  list(sourceArn: string, max: number): MoveTaskResult[] {
    this.#existing(sourceArn);
    return this.#rows(
      'SELECT * FROM move_task WHERE sourceArn = ? ORDER BY startedAt DESC, rowid DESC LIMIT ?',
      sourceArn,
      max,
    ).map(describe);
  }

  /** Stops a running task and returns how many messages it had moved. @throws AwsError ResourceNotFoundException */
  cancel(handle: string): number {
    const task = this.#byHandle(handle);
    if (task?.status !== 'RUNNING') {
      throw new AwsError('ResourceNotFoundException', 'Task does not exist or is not running.', { status: 404 });
    }
    this.#finish(task.id, 'CANCELLED', null);
    return task.moved;
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #existing(arn: string): Queue {
    const queue = this.#queues.findByArn(arn);
    if (queue) return queue;
    throw new AwsError(
      'ResourceNotFoundException',
      'The resource that you specified for the SourceArn parameter does not exist.',
      {
        status: 404,
      },
    );
  }

  #byHandle(handle: string): TaskRow | undefined {
    try {
      const { taskId } = JSON.parse(Buffer.from(handle, 'base64').toString()) as { taskId?: unknown };
      return this.#rows('SELECT * FROM move_task WHERE id = ?', String(taskId))[0];
    } catch (error) {
      throw new AwsError(
        'InvalidParameterValue',
        `expected a TaskHandle of ListMessageMoveTasks but received "${handle}".`,
        {
          cause: error,
        },
      );
    }
  }

  #rows(sql: string, ...parameters: (string | number | null)[]): TaskRow[] {
    return this.#database.prepare(sql).all(...parameters) as unknown as TaskRow[];
  }

  #schedule(id: string, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(id);
      this.#step(id);
    }, delayMs);
    this.#timers.set(id, timer);
  }

  #step(id: string): void {
    const [task] = this.#rows("SELECT * FROM move_task WHERE id = ? AND status = 'RUNNING'", id);
    if (!task) return;
    try {
      const source = this.#existing(task.sourceArn);
      const destination = task.destinationArn === null ? undefined : this.#existing(task.destinationArn);
      const moved = this.#messages.move(source, destination, task.perSecond ?? CHUNK);
      this.#database.prepare('UPDATE move_task SET moved = moved + ? WHERE id = ?').run(moved, id);
      if (moved > 0) this.#schedule(id, task.perSecond === null ? 0 : SECOND_MS);
      else this.#finish(id, 'COMPLETED', null);
    } catch (error) {
      this.#context.log('warn', 'message move task failed', { sourceArn: task.sourceArn, error: String(error) });
      this.#finish(id, 'FAILED', error instanceof Error ? error.message : String(error));
    }
  }

  #finish(id: string, status: Status, failure: string | null): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#database.prepare('UPDATE move_task SET status = ?, failure = ? WHERE id = ?').run(status, failure, id);
  }
}

function describe(task: TaskRow): MoveTaskResult {
  return {
    ...(task.status === 'RUNNING' ? { TaskHandle: handleOf(task) } : {}),
    Status: task.status,
    SourceArn: task.sourceArn,
    ...(task.destinationArn === null ? {} : { DestinationArn: task.destinationArn }),
    ...(task.perSecond === null ? {} : { MaxNumberOfMessagesPerSecond: task.perSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failure === null ? {} : { FailureReason: task.failure }),
    StartedTimestamp: task.startedAt,
  };
}
