import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../service.ts';
import type { QueueTrigger } from '../stack/triggers.ts';
import { dictOf, isDict } from '../stack/values.ts';
import type { MappedMessage, QueueSource } from './service-ports.ts';

export interface MappingOptions {
  readonly id: string;
  readonly trigger: QueueTrigger;
  readonly region: string;
  readonly source: QueueSource;
  /** Invocations in flight at most. */
  readonly concurrency: number;
  /** The function's answer, or undefined when it failed. */
  readonly invoke: (event: unknown) => Promise<{ payload: unknown } | undefined>;
  readonly log: Log;
}

/** SQS's longest poll. */
const LONG_POLL_MS = 20_000;
/** SQS gives at most ten messages a call. */
const MAX_RECEIVE = 10;
/** Pause after a poll that failed, so that a broken queue is not asked in a tight loop. */
const ERROR_PAUSE_MS = 1_000;

/**
 * Receipt handles of the messages that are done, by Lambda's rules for ReportBatchItemFailures: an empty or null list means all
 * succeeded; an empty, null, misspelt or unknown `itemIdentifier`, or an answer of another shape, means the whole batch failed.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function succeededHandles(messages: readonly MappedMessage[], answer: unknown): string[] {
  const all = messages.map(({ receiptHandle }) => receiptHandle);
  if (answer === null || answer === undefined) return all;
  if (!isDict(answer)) return [];
  const failures = answer.batchItemFailures;
  if (failures === undefined || failures === null) return all;
  if (!Array.isArray(failures)) return [];
  const known = new Set(messages.map(({ messageId }) => messageId));
  const failed = failures.map((failure) => dictOf(failure).itemIdentifier);
  if (!failed.every((id): id is string => typeof id === 'string' && known.has(id))) return [];
  const failedIds = new Set(failed);
  return messages.filter(({ messageId }) => !failedIds.has(messageId)).map(({ receiptHandle }) => receiptHandle);
}

/** The event that Lambda gives a function for a batch of messages. */
export function sqsEvent(messages: readonly MappedMessage[], queueArn: string, region: string): unknown {
  return {
    Records: messages.map((message) => ({
      ...message,
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: region,
    })),
  };
}

/** Polls one queue for one function: batch size, batching window, concurrency and partial failures as Lambda's. */
export class EventSourceMapping {
  readonly options: MappingOptions;
  readonly #stop = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: MappingOptions) {
    this.options = options;
  }

  start(): void {
    if (this.options.trigger.enabled) this.#loop = this.#poll();
  }

  /** Stops polling and waits for batches in flight. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await Promise.all(this.#inFlight);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#inFlight.size >= this.options.concurrency) {
        await Promise.race(this.#inFlight);
        continue;
      }
      const batch = await this.#nextBatch();
      if (batch.length > 0) this.#dispatch(batch);
    }
  }

  async #nextBatch(): Promise<MappedMessage[]> {
    const { batchSize, windowSeconds } = this.options.trigger;
    const batch = [...(await this.#receive(Math.min(batchSize, MAX_RECEIVE), LONG_POLL_MS))];
    if (batch.length === 0) return batch;
    const deadline = performance.now() + windowSeconds * 1000;
    while (batch.length < batchSize && !this.#stop.signal.aborted) {
      const waitMs = Math.max(0, deadline - performance.now());
      const more = await this.#receive(Math.min(batchSize - batch.length, MAX_RECEIVE), waitMs);
      batch.push(...more);
      if (more.length === 0 && performance.now() >= deadline) break;
    }
    return batch;
  }

  async #receive(max: number, waitMs: number): Promise<readonly MappedMessage[]> {
    const { source, trigger, log } = this.options;
    const { signal } = this.#stop;
    try {
      return await source.receive(trigger.queueArn, { max, waitMs, signal });
    } catch (error) {
      if (signal.aborted) return [];
      log('warn', 'event source mapping could not receive', { queueArn: trigger.queueArn, error: String(error) });
      await sleep(ERROR_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      return [];
    }
  }

  #dispatch(batch: readonly MappedMessage[]): void {
    const work = this.#run(batch)
      .catch((error: unknown) => {
        this.options.log('error', 'event source mapping failed', {
          queueArn: this.options.trigger.queueArn,
          error: String(error),
        });
      })
      .finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
  }

  /** Messages that are not removed come back when their visibility timeout ends, as on AWS. */
  async #run(batch: readonly MappedMessage[]): Promise<void> {
    const { trigger, region, source } = this.options;
    const answer = await this.options.invoke(sqsEvent(batch, trigger.queueArn, region));
    if (!answer) return;
    const handles = trigger.reportBatchItemFailures
      ? succeededHandles(batch, answer.payload)
      : batch.map(({ receiptHandle }) => receiptHandle);
    if (handles.length > 0) await source.remove(trigger.queueArn, handles);
  }
}
