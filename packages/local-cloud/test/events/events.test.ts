import { randomUUID } from 'node:crypto';
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
  type PutEventsRequestEntry,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { testCloud } from '../support/cloud.ts';
import { arnOf, isForeign, sqsLab, type SqsLab } from '../sqs/support.ts';

const here = isForeign ? it.skip : it;

describe('EventBridge', () => {
  let cloud: Awaited<ReturnType<typeof testCloud>>;
  let client: EventBridgeClient;
  let lab: SqsLab;
  let Name: string;

  beforeAll(async () => {
    cloud = await testCloud();
    client = new EventBridgeClient({ ...cloud.clientConfig, maxAttempts: 1 });
    lab = await sqsLab(cloud);
  });
  beforeEach(() => {
    Name = `t-${randomUUID()}`;
  });
  afterEach(async () => {
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: Name })).catch(() => ({ Targets: [] }));
    const Ids = (Targets ?? []).map(({ Id }) => Id!);
    if (Ids.length > 0) await client.send(new RemoveTargetsCommand({ Rule: Name, Ids }));
    await client.send(new DeleteRuleCommand({ Name })).catch(() => undefined);
  });
  afterAll(async () => {
    client.destroy();
    await lab.end();
    await cloud.stop();
  });

  const putRule = (pattern: unknown) =>
    client.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }));
  const aim = async (queue: string, target: Partial<Target> = {}) =>
    client.send(
      new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'q', Arn: await arnOf(lab.client, queue), ...target }] }),
    );
  const put = (entry: Partial<PutEventsRequestEntry> = {}) =>
    client.send(new PutEventsCommand({ Entries: [{ Source: Name, DetailType: 'test', Detail: '{"n":1}', ...entry }] }));

  it('delivers an event that matches to a queue, as AWS shapes it', async () => {
    const queue = await lab.createQueue();
    await putRule({ source: [Name], detail: { n: [{ numeric: ['>', 0] }] } });
    await aim(queue);

    const { Entries, FailedEntryCount } = await put({ Resources: ['arn:x'] });
    const [message] = await lab.receive(queue, { WaitTimeSeconds: 10 });

    expect(FailedEntryCount).toBe(0);
    expect(JSON.parse(message!.Body!)).toEqual({
      version: '0',
      id: Entries![0]!.EventId,
      'detail-type': 'test',
      source: Name,
      account: expect.stringMatching(/^\d{12}$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: expect.any(String),
      resources: ['arn:x'],
      detail: { n: 1 },
    });
  });

  it('delivers nothing that does not match, nor anything while the rule is disabled', async () => {
    const queue = await lab.createQueue();
    await putRule({ source: [Name], detail: { n: [2, 3] } });
    await aim(queue);

    await put();
    await client.send(new DisableRuleCommand({ Name }));
    await put({ Detail: '{"n":2}' });
    await client.send(new EnableRuleCommand({ Name }));
    await put({ Detail: '{"n":3}' });
    const first = await lab.receive(queue, { WaitTimeSeconds: 10, MaxNumberOfMessages: 10 });
    const rest = await lab.receive(queue, { WaitTimeSeconds: 1, MaxNumberOfMessages: 10 });

    const details = [...first, ...rest].map(({ Body }) => (JSON.parse(Body!) as { detail: unknown }).detail);
    expect(details).toEqual([{ n: 3 }]);
  });

  it.each([
    ['Input', { Input: '{"fixed":true}' }, { fixed: true }],
    ['InputPath', { InputPath: '$.detail' }, { n: 1 }],
    [
      'InputTransformer',
      {
        InputTransformer: { InputPathsMap: { n: '$.detail.n' }, InputTemplate: '{"number": <n>, "text": "n is <n>"}' },
      },
      { number: 1, text: 'n is 1' },
    ],
  ])('gives the target what %s says', async (_, target, expected) => {
    const queue = await lab.createQueue();
    await putRule({ source: [Name] });
    await aim(queue, target);

    await put();
    const [message] = await lab.receive(queue, { WaitTimeSeconds: 10 });

    expect(JSON.parse(message!.Body!)).toEqual(expected);
  });

  it('reports entries that fail one by one; the others go through', async () => {
    const queue = await lab.createQueue();
    await putRule({ source: [Name] });
    await aim(queue);
    const good = { Source: Name, DetailType: 'test', Detail: '{"n":7}' };

    const { FailedEntryCount, Entries } = await client.send(
      new PutEventsCommand({ Entries: [{ ...good, Detail: 'no JSON' }, good, { ...good, Source: undefined }] }),
    );
    const [message] = await lab.receive(queue, { WaitTimeSeconds: 10 });

    expect(FailedEntryCount).toBe(2);
    expect(Entries!.map(({ ErrorCode }) => ErrorCode)).toEqual(['MalformedDetail', undefined, 'InvalidArgument']);
    expect((JSON.parse(message!.Body!) as { detail: unknown }).detail).toEqual({ n: 7 });
  });

  it('refuses more than ten entries', async () => {
    const entry = { Source: Name, DetailType: 'test', Detail: '{}' };

    const answer = client.send(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) }));

    await expect(answer).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  it('keeps rules and targets', async () => {
    const queue = await lab.createQueue();
    const { RuleArn } = await putRule({ source: [Name] });
    await aim(queue);

    const rule = await client.send(new DescribeRuleCommand({ Name }));
    const { Rules } = await client.send(new ListRulesCommand({ NamePrefix: Name }));
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: Name }));

    expect(RuleArn).toMatch(new RegExp(`:rule/${Name}$`));
    expect(rule).toMatchObject({ Name, State: 'ENABLED', EventPattern: JSON.stringify({ source: [Name] }) });
    expect(Rules!.map((each) => each.Name)).toEqual([Name]);
    expect(Targets!.map(({ Id }) => Id)).toEqual(['q']);
    await expect(client.send(new DeleteRuleCommand({ Name }))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('refuses patterns and schedules that make no sense', async () => {
    const pattern = client.send(new PutRuleCommand({ Name, EventPattern: '{"source":"x"}' }));
    const schedule = client.send(new PutRuleCommand({ Name, ScheduleExpression: 'rate(1 hours)' }));

    await expect(pattern).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
    await expect(schedule).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('says ResourceNotFoundException of a rule that is not there', async () => {
    await expect(client.send(new DescribeRuleCommand({ Name }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('keeps buses apart', async () => {
    const queue = await lab.createQueue();
    const bus = `bus-${randomUUID()}`;
    await client.send(new CreateEventBusCommand({ Name: bus }));
    await putRule({ source: [Name] });
    await aim(queue);

    await put({ EventBusName: bus });
    await put({ Detail: '{"n":2}' });
    const received = await lab.receive(queue, { WaitTimeSeconds: 10, MaxNumberOfMessages: 10 });
    const { EventBuses } = await client.send(new ListEventBusesCommand({ NamePrefix: bus }));
    await client.send(new DeleteEventBusCommand({ Name: bus }));

    expect(received.map(({ Body }) => (JSON.parse(Body!) as { detail: unknown }).detail)).toEqual([{ n: 2 }]);
    expect(EventBuses!.map((each) => each.Name)).toEqual([bus]);
  });

  it('tests a pattern against an event', async () => {
    const Event = JSON.stringify({
      id: '1',
      'detail-type': 't',
      source: 'x',
      account: '000000000000',
      time: '2026-01-01T00:00:00Z',
      region: 'us-east-1',
      resources: [],
      detail: {},
    });

    const yes = await client.send(new TestEventPatternCommand({ EventPattern: '{"source":["x"]}', Event }));
    const no = await client.send(new TestEventPatternCommand({ EventPattern: '{"source":["y"]}', Event }));

    expect([yes.Result, no.Result]).toEqual([true, false]);
  });

  // Other servers take events for buses that do not exist and drop them in silence.
  here('reports an event for a bus that is not there', async () => {
    const { Entries } = await put({ EventBusName: 'not-there' });

    expect(Entries![0]!.ErrorCode).toBe('ResourceNotFoundException');
  });
});
