import type { LambdaService } from '../../src/lambda/index.ts';
import { sandbox, startLambda, zooFunction } from './support.ts';

interface Sent {
  arn: string;
  record: unknown;
}

const FAILURES = 'arn:aws:sqs:us-east-1:000000000000:failures';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('asynchronous invocation', () => {
  let now = 1_800_000_000_000;
  const box = sandbox({ now: () => now });
  const sent: Sent[] = [];
  const settings = (overrides: object) => ({
    maximumRetryAttempts: 2,
    maximumEventAgeSeconds: 21_600,
    onFailure: FAILURES,
    onSuccess: undefined,
    ...overrides,
  });
  const functions = [
    zooFunction('failing', { async: settings({}) }),
    zooFunction('exiting', { async: settings({ maximumRetryAttempts: 0 }) }),
    zooFunction('echo', { async: settings({ onSuccess: 'arn:aws:sqs:us-east-1:000000000000:successes' }) }),
    zooFunction('sleeping'),
  ];
  const send = (arn: string, record: unknown): void => {
    sent.push({ arn, record });
  };
  let lambda: LambdaService;

  beforeAll(async () => {
    lambda = await startLambda(box, functions, { send });
    lambda.startTriggers();
  });

  afterAll(async () => {
    await lambda.close();
    box.dispose();
  });

  it('hands the answer to the destination for successes', async () => {
    const id = lambda.invokeLater('zoo-local-echo', { n: 1 });
    await until(() => sent.length === 1);

    expect(sent.pop()).toMatchObject({
      arn: 'arn:aws:sqs:us-east-1:000000000000:successes',
      record: {
        requestContext: { requestId: id, condition: 'Success', approximateInvokeCount: 1 },
        requestPayload: { n: 1 },
        responsePayload: { event: { n: 1 } },
      },
    });
  });

  it('gives up at once where no retry is configured', async () => {
    lambda.invokeLater('zoo-local-exiting', {});
    await until(() => sent.length === 1);

    expect(sent.pop()).toMatchObject({
      arn: FAILURES,
      record: { requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 } },
    });
  });

  // "Lambda attempts to run it two more times, with a one-minute wait between the first two attempts, and two minutes between the second and third."
  it('keeps a failed event over a restart, retries it after one and two minutes and then sends it to the failure destination', async () => {
    lambda.invokeLater('zoo-local-failing', { picture: 7 });
    await until(() => lambda.stats().errors === 2);
    await lambda.close();

    now += 60_001;
    lambda = await startLambda(box, functions, { send });
    lambda.startTriggers();
    await until(() => lambda.stats().errors === 1);
    await lambda.close();
    expect(sent).toEqual([]);

    now += 120_001;
    lambda = await startLambda(box, functions, { send });
    lambda.startTriggers();
    await until(() => sent.length === 1);

    expect(sent.pop()).toMatchObject({
      arn: FAILURES,
      record: {
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
        requestPayload: { picture: 7 },
        responsePayload: { errorType: 'PictureError' },
      },
    });
    expect(lambda.stats().asyncPending).toBe(0);
  });
});
