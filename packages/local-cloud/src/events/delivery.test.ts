import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InvokeResult } from '../ports.ts';
import type { JsonService } from '../service.ts';
import { createEvents, type EventsService } from './index.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const DEAD_LETTERS = 'arn:aws:sqs:us-east-1:000000000000:dead';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';

describe('delivery of events', () => {
  let dataDir: string;
  let events: EventsService;
  let invoked: unknown[];
  let sent: { queueArn: string; body: string; attributes: Record<string, { StringValue: string }> | undefined }[];
  let answer: () => Promise<InvokeResult>;
  let isQueueThere: boolean;

  const open = (): EventsService =>
    createEvents(
      {
        accountId: '000000000000',
        region: 'us-east-1',
        dataDir,
        endpoint: () => 'http://127.0.0.1:4566',
        now: () => Date.now(),
        credentials: new Map(),
        log: () => undefined,
      },
      {
        sendToQueue: (queueArn, body, attributes) => {
          if (!isQueueThere && queueArn === QUEUE) throw new Error('The specified queue does not exist.');
          sent.push({ queueArn, body, attributes });
        },
        invoke: (_, payload) => {
          invoked.push(payload);
          return answer();
        },
      },
    );
  const call = (action: string, input: Record<string, unknown>) =>
    (events.actions as Required<JsonService['actions']>)[action]!(input, {
      requestId: '1',
      headers: {},
      signal: new AbortController().signal,
    });
  const settled = async (isDone: () => boolean): Promise<void> => {
    for (let attempt = 0; attempt < 500 && !isDone(); attempt += 1) await new Promise((go) => setTimeout(go, 10));
  };

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'darkroom-events-'));
    invoked = [];
    sent = [];
    isQueueThere = true;
    answer = () => Promise.resolve({ payload: null });
    events = open();
    call('PutRule', { Name: 'r', EventPattern: '{"source":["lab"]}' });
  });
  afterEach(async () => {
    await events.close?.();
    rmSync(dataDir, { recursive: true });
  });

  const target = (fields: Record<string, unknown>) =>
    call('PutTargets', { Rule: 'r', Targets: [{ Id: '1', ...fields }] });
  const put = () => call('PutEvents', { Entries: [{ Source: 'lab', DetailType: 't', Detail: '{"n":1}' }] });

  it('invokes a function with the event', async () => {
    target({ Arn: FUNCTION });

    put();
    await settled(() => events.pending() === 0);

    expect(invoked).toEqual([expect.objectContaining({ source: 'lab', 'detail-type': 't', detail: { n: 1 } })]);
  });

  it('tries a function that fails three times in all, then gives the event to the dead-letter queue', async () => {
    answer = () => Promise.resolve({ payload: { errorType: 'Error' }, functionError: 'Unhandled' });
    target({ Arn: FUNCTION, DeadLetterConfig: { Arn: DEAD_LETTERS } });

    put();
    await settled(() => events.pending() === 0);

    expect(invoked).toHaveLength(3);
    expect(sent.map(({ queueArn }) => queueArn)).toEqual([DEAD_LETTERS]);
    expect(sent[0]!.attributes!.TARGET_ARN!.StringValue).toBe(FUNCTION);
    expect(JSON.parse(sent[0]!.body)).toMatchObject({ source: 'lab' });
  });

  it('gives up after as many retries as the target allows', async () => {
    isQueueThere = false;
    target({
      Arn: QUEUE,
      DeadLetterConfig: { Arn: DEAD_LETTERS },
      RetryPolicy: { MaximumRetryAttempts: 1 },
    });

    put();
    await settled(() => events.pending() === 0);

    expect(sent).toHaveLength(1);
    expect(sent[0]!.attributes).toMatchObject({
      EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
      RETRY_ATTEMPTS: { StringValue: '2' },
    });
  });

  it('delivers in the next run what this one could not', async () => {
    isQueueThere = false;
    target({ Arn: QUEUE });
    put();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await events.close?.();

    isQueueThere = true;
    events = open();
    await settled(() => events.pending() === 0);

    expect(sent.map(({ queueArn }) => queueArn)).toEqual([QUEUE]);
  });
});
