import { EventSourceMapping, sqsEvent, succeededHandles, type MappingOptions } from '../../src/lambda/mapping.ts';
import type { MappedMessage } from '../../src/lambda/service-ports.ts';

function message(id: string, body = '{}'): MappedMessage {
  return {
    messageId: id,
    receiptHandle: `handle-${id}`,
    body,
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: {},
    md5OfBody: 'd41d',
  };
}

const BATCH = [message('a'), message('b'), message('c')];
const ALL = ['handle-a', 'handle-b', 'handle-c'];

// "Success and failure conditions" of the developer guide, services-sqs-errorhandling.
describe('partial batch responses', () => {
  it.each([
    ['an empty batchItemFailures list', { batchItemFailures: [] }],
    ['a null batchItemFailures list', { batchItemFailures: null }],
    ['an empty response', {}],
    ['a null response', null],
    ['no response', undefined],
  ])('takes the batch as a complete success for %s', (_what, answer) => {
    expect(succeededHandles(BATCH, answer)).toEqual(ALL);
  });

  it.each([
    ['an empty itemIdentifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null itemIdentifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['a misspelt key', { batchItemFailures: [{ itemIdentifer: 'a' }] }],
    ['an unknown message id', { batchItemFailures: [{ itemIdentifier: 'z' }] }],
    ['one good and one unknown id', { batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'z' }] }],
    ['a list that is no list', { batchItemFailures: 'a' }],
    ['an answer that is no object', 'done'],
  ])('takes the batch as a complete failure for %s', (_what, answer) => {
    expect(succeededHandles(BATCH, answer)).toEqual([]);
  });

  it('keeps exactly the messages that failed', () => {
    const answer = { batchItemFailures: [{ itemIdentifier: 'b' }] };

    expect(succeededHandles(BATCH, answer)).toEqual(['handle-a', 'handle-c']);
  });
});

describe('the event', () => {
  it('has the fields of a Lambda SQS record', () => {
    const event = sqsEvent([message('a', 'hello')], 'arn:aws:sqs:us-east-1:000000000000:q', 'us-east-1');

    expect(event).toEqual({
      Records: [
        {
          messageId: 'a',
          receiptHandle: 'handle-a',
          body: 'hello',
          attributes: { ApproximateReceiveCount: '1' },
          messageAttributes: {},
          md5OfBody: 'd41d',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:q',
          awsRegion: 'us-east-1',
        },
      ],
    });
  });
});

/** A queue in memory that gives at most ten messages a call and then waits until it is told to stop. */
function memoryQueue(count: number) {
  const messages = Array.from({ length: count }, (_, index) => message(String(index)));
  const removed: string[] = [];
  return {
    removed,
    receive: (_arn: string, { max, waitMs, signal }: { max: number; waitMs: number; signal: AbortSignal }) => {
      const batch = messages.splice(0, max);
      if (batch.length > 0 || waitMs === 0) return Promise.resolve(batch);
      return new Promise<MappedMessage[]>((resolve) => {
        const end = (): void => {
          resolve([]);
        };
        signal.addEventListener('abort', end, { once: true });
        setTimeout(end, Math.min(waitMs, 50));
      });
    },
    remove: (_arn: string, handles: readonly string[]) => {
      removed.push(...handles);
    },
  };
}

function mapping(
  overrides: Partial<MappingOptions> & Pick<MappingOptions, 'source' | 'invoke'>,
  trigger: Partial<MappingOptions['trigger']> = {},
): EventSourceMapping {
  return new EventSourceMapping({
    id: 'id',
    region: 'us-east-1',
    concurrency: 2,
    log: () => undefined,
    trigger: {
      functionName: 'f',
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
      batchSize: 4,
      windowSeconds: 0,
      maximumConcurrency: 2,
      reportBatchItemFailures: true,
      enabled: true,
      ...trigger,
    },
    ...overrides,
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('polling', () => {
  it('never has more invocations in flight than its maximum concurrency, nor batches larger than asked', async () => {
    const source = memoryQueue(40);
    const sizes: number[] = [];
    let inFlight = 0;
    let most = 0;
    const subject = mapping({
      source,
      invoke: async (event) => {
        sizes.push((event as { Records: unknown[] }).Records.length);
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inFlight -= 1;
        return { payload: null };
      },
    });

    subject.start();
    await until(() => source.removed.length === 40);
    await subject.stop();

    expect(most).toBe(2);
    expect(Math.max(...sizes)).toBe(4);
  });

  it('leaves the messages of a failed invocation on the queue', async () => {
    const source = memoryQueue(2);
    let calls = 0;
    const subject = mapping({
      source,
      invoke: () => {
        calls += 1;
        return Promise.resolve(undefined);
      },
    });

    subject.start();
    await until(() => calls === 1);
    await subject.stop();

    expect(source.removed).toEqual([]);
  });

  it('removes the whole batch when the function does not report item failures', async () => {
    const source = memoryQueue(2);
    const subject = mapping(
      { source, invoke: () => Promise.resolve({ payload: { batchItemFailures: [{ itemIdentifier: '0' }] } }) },
      { reportBatchItemFailures: false },
    );

    subject.start();
    await until(() => source.removed.length === 2);
    await subject.stop();

    expect(source.removed).toEqual(['handle-0', 'handle-1']);
  });

  it('waits for a batch to fill up within its window, beyond the ten messages of one receive', async () => {
    const source = memoryQueue(25);
    const sizes: number[] = [];
    const subject = mapping(
      {
        source,
        invoke: (event) => {
          sizes.push((event as { Records: unknown[] }).Records.length);
          return Promise.resolve({ payload: null });
        },
      },
      { batchSize: 25, windowSeconds: 1 },
    );

    subject.start();
    await until(() => source.removed.length === 25);
    await subject.stop();

    expect(sizes).toEqual([25]);
  });
});
