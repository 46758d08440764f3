import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudContext } from '../service.ts';
import { createSqs, type SqsService } from './index.ts';

const NEVER = new AbortController().signal;

describe('receiving for an event source mapping', () => {
  let dataDir: string;
  let now: number;
  let sqs: SqsService;
  let arn: string;

  const context = (): CloudContext => ({
    accountId: '000000000000',
    region: 'us-east-1',
    dataDir,
    endpoint: () => 'http://127.0.0.1:4566',
    now: () => now,
    credentials: new Map(),
    log: () => undefined,
  });

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'darkroom-sqs-'));
    now = Date.parse('2026-01-01T00:00:00Z');
    sqs = createSqs(context());
    arn = sqs.createQueue('ingest', { attributes: { VisibilityTimeout: '900' } }).arn;
  });
  afterEach(async () => {
    await sqs.close?.();
    rmSync(dataDir, { recursive: true });
  });

  const receive = (options: { max?: number; waitMs?: number; signal?: AbortSignal } = {}) =>
    sqs.receive(arn, { max: 10, waitMs: 0, signal: NEVER, ...options });

  it('gives records as Lambda shows them to a function', async () => {
    sqs.sendToQueue(arn, 'body', { colour: { DataType: 'String', StringValue: 'blue' } });

    const [record] = await receive();

    expect(record).toEqual({
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      body: 'body',
      md5OfBody: '841a2d689ad86bd1611447453c22c6fc',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(now),
        ApproximateFirstReceiveTimestamp: String(now),
        SenderId: '000000000000',
      },
      messageAttributes: {
        colour: { stringValue: 'blue', dataType: 'String', stringListValues: [], binaryListValues: [] },
      },
    });
  });

  it('hides them until they are removed, or until their time is over', async () => {
    sqs.sendToQueue(arn, 'a');
    sqs.sendToQueue(arn, 'b');
    const [first] = await receive();

    sqs.remove(arn, [first!.receiptHandle]);
    const during = await receive();
    now += 900_000;
    const after = await receive();

    expect(during).toEqual([]);
    expect(after.map(({ body }) => body)).toEqual(['b']);
  });

  it('takes nothing once the signal is aborted, and ends a wait with nothing', async () => {
    const stopping = new AbortController();
    const waiting = receive({ waitMs: 20_000, signal: stopping.signal });

    stopping.abort();
    sqs.sendToQueue(arn, 'kept');
    const late = await receive({ signal: stopping.signal });

    expect(await waiting).toEqual([]);
    expect(late).toEqual([]);
    expect((await receive()).map(({ body }) => body)).toEqual(['kept']);
  });

  it('gives back at the next start what the mappings of a dead process held, and only that', async () => {
    sqs.sendToQueue(arn, 'held by a mapping');
    await receive({ max: 1 });
    sqs.sendToQueue(arn, 'held by a client');
    const url = `http://127.0.0.1:4566/000000000000/ingest`;
    await sqs.actions.ReceiveMessage?.({ QueueUrl: url }, { requestId: '1', headers: {}, signal: NEVER });
    await sqs.close?.();

    sqs = createSqs(context());
    const again = await receive();

    expect(again.map(({ body, attributes }) => [body, attributes.ApproximateReceiveCount])).toEqual([
      ['held by a mapping', '2'],
    ]);
  });

  it('forgets messages when their retention is over', async () => {
    sqs.sendToQueue(arn, 'old');
    now += 345_601_000;
    sqs.sendToQueue(arn, 'new');

    expect((await receive()).map(({ body }) => body)).toEqual(['new']);
  });

  it('keeps messages when a stack declares other attributes, and takes them over', async () => {
    sqs.sendToQueue(arn, 'kept');

    sqs.createQueue('ingest', { attributes: { VisibilityTimeout: '1' } });
    await receive();
    now += 1_000;

    expect((await receive()).map(({ body }) => body)).toEqual(['kept']);
  });

  it('says which queue is missing as SQS would', async () => {
    await expect(
      sqs.receive('arn:aws:sqs:us-east-1:000000000000:x', { max: 1, waitMs: 0, signal: NEVER }),
    ).rejects.toMatchObject({
      code: 'QueueDoesNotExist',
    });
  });
});
