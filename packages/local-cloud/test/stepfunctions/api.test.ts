import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
  type StateMachineType,
} from '@aws-sdk/client-sfn';
import { createCloudServer } from '../../src/server.ts';
import type { HttpService } from '../../src/service.ts';
import { createStepFunctions, type StepFunctionsPorts } from '../../src/stepfunctions/index.ts';
import { functions, one, sandbox, task, type Sandbox } from './support.ts';

const ROLE = 'arn:aws:iam::000000000000:role/test';
const NOTHING: HttpService = { handle: () => Promise.resolve() };

interface System {
  readonly client: SFNClient;
  readonly service: ReturnType<typeof createStepFunctions>;
  stop(): Promise<void>;
}

/** The service behind the real endpoint, and the real client. */
async function start({ context }: Sandbox, ports: StepFunctionsPorts): Promise<System> {
  const service = createStepFunctions(context, ports);
  const server = createCloudServer({ port: 0, services: { json: [service], s3: NOTHING }, log: context.log });
  const { endpoint } = await server.listen();
  const client = new SFNClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // `sync-127.0.0.1` is no host name.
    disableHostPrefix: true,
    maxAttempts: 1,
  });
  return {
    client,
    service,
    async stop() {
      client.destroy();
      await server.close();
    },
  };
}

async function until<T>(read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('Step Functions', () => {
  let box: Sandbox;
  let system: System;
  let count = 0;

  beforeEach(async () => {
    box = sandbox('sfn');
    system = await start(box, { invoke: functions().invoke });
  });
  afterEach(async () => {
    await system.stop();
    box.dispose();
  });

  const create = async (definition: unknown, type: StateMachineType = 'EXPRESS') => {
    count += 1;
    const { stateMachineArn } = await system.client.send(
      new CreateStateMachineCommand({
        name: `m${String(count)}`,
        definition: JSON.stringify(definition),
        roleArn: ROLE,
        type,
      }),
    );
    return stateMachineArn ?? '';
  };
  const describeUntilEnded = (executionArn: string | undefined) =>
    until(
      () => system.client.send(new DescribeExecutionCommand({ executionArn })),
      ({ status }) => status !== 'RUNNING',
    );

  describe('state machines', () => {
    it('describes the very definition that was created', async () => {
      const definition = one(task('echo'));
      const stateMachineArn = await create(definition);

      const machine = await system.client.send(new DescribeStateMachineCommand({ stateMachineArn }));

      expect(stateMachineArn).toMatch(/^arn:aws:states:us-east-1:000000000000:stateMachine:m\d+$/);
      expect(JSON.parse(machine.definition ?? '')).toEqual(definition);
      expect(machine).toMatchObject({ type: 'EXPRESS', status: 'ACTIVE', roleArn: ROLE });
      expect(machine.creationDate).toBeInstanceOf(Date);
    });

    it('CreateStateMachine is idempotent: the same name with another definition is StateMachineAlreadyExists', async () => {
      const request = { name: 'same', definition: JSON.stringify(one(task('echo'))), roleArn: ROLE };
      const first = await system.client.send(new CreateStateMachineCommand(request));
      const second = await system.client.send(new CreateStateMachineCommand(request));

      expect(second.stateMachineArn).toBe(first.stateMachineArn);
      await expect(
        system.client.send(
          new CreateStateMachineCommand({ ...request, definition: JSON.stringify(one(task('double'))) }),
        ),
      ).rejects.toMatchObject({ name: 'StateMachineAlreadyExists' });
    });

    it.each([['{'], ['{"StartAt":"S","States":{}}'], [JSON.stringify(one({ Type: 'Pass', Next: 'Nowhere' }))]])(
      'refuses %s with InvalidDefinition',
      async (definition) => {
        await expect(
          system.client.send(new CreateStateMachineCommand({ name: 'bad', definition, roleArn: ROLE })),
        ).rejects.toMatchObject({ name: 'InvalidDefinition' });
      },
    );

    it('updates, lists in pages and deletes', async () => {
      const [first, second] = [await create(one(task('echo'))), await create(one(task('echo')))];
      await system.client.send(
        new UpdateStateMachineCommand({ stateMachineArn: first, definition: JSON.stringify(one(task('double'))) }),
      );

      const ran = await system.client.send(new StartSyncExecutionCommand({ stateMachineArn: first, input: '{"n":4}' }));
      const page = await system.client.send(new ListStateMachinesCommand({ maxResults: 1 }));
      const rest = await system.client.send(new ListStateMachinesCommand({ maxResults: 1, nextToken: page.nextToken }));
      await system.client.send(new DeleteStateMachineCommand({ stateMachineArn: first }));

      expect(ran.output).toBe('8');
      expect(
        [...(page.stateMachines ?? []), ...(rest.stateMachines ?? [])]
          .map(({ stateMachineArn }) => stateMachineArn)
          .sort(),
      ).toEqual([first, second].sort());
      await expect(
        system.client.send(new DescribeStateMachineCommand({ stateMachineArn: first })),
      ).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    });

    it('validates without creating', async () => {
      const bad = await system.client.send(
        new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(one({ Type: 'Pass' })) }),
      );
      const good = await system.client.send(
        new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(one(task('echo'))) }),
      );

      expect(bad).toMatchObject({ result: 'FAIL', diagnostics: [{ severity: 'ERROR' }] });
      expect(good).toMatchObject({ result: 'OK', diagnostics: [] });
    });

    it('deploy creates, replaces and, for the same definition, changes nothing', async () => {
      const machine = { name: 'deployed', definition: one(task('echo')), type: 'EXPRESS' as const };
      const { arn } = await system.service.deploy(machine);
      const before = await system.client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
      await system.service.deploy(machine);
      const same = await system.client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
      await system.service.deploy({ ...machine, definition: one(task('double')) });
      const after = await system.client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));

      expect(same.revisionId).toBe(before.revisionId);
      expect(after.revisionId).not.toBe(before.revisionId);
      await expect(system.service.deploy({ ...machine, definition: {} })).rejects.toMatchObject({
        code: 'InvalidDefinition',
      });
    });
  });

  describe('StartSyncExecution', () => {
    it('answers with the output', async () => {
      const stateMachineArn = await create(one(task('double')));

      const result = await system.client.send(
        new StartSyncExecutionCommand({ stateMachineArn, input: '{"n":21}', name: 'mine' }),
      );

      expect(result).toMatchObject({
        status: 'SUCCEEDED',
        output: '42',
        input: '{"n":21}',
        name: 'mine',
        stateMachineArn,
      });
      expect(result.executionArn).toContain(':express:');
      expect(result.billingDetails?.billedDurationInMilliseconds).toBeGreaterThan(0);
    });

    it('a failed execution is an answer, not an error', async () => {
      const stateMachineArn = await create(one(task('rejected')));

      const result = await system.client.send(new StartSyncExecutionCommand({ stateMachineArn }));

      expect(result).toMatchObject({ status: 'FAILED', error: 'ImageRejected' });
      expect(JSON.parse(result.cause ?? '')).toMatchObject({ errorType: 'ImageRejected' });
    });

    it('refuses Standard machines, unknown machines and input that is no JSON', async () => {
      const standard = await create(one(task('echo')), 'STANDARD');
      const express = await create(one(task('echo')));
      const send = (request: { stateMachineArn: string; input?: string }) =>
        system.client.send(new StartSyncExecutionCommand(request));

      await expect(send({ stateMachineArn: standard })).rejects.toMatchObject({ name: 'StateMachineTypeNotSupported' });
      await expect(send({ stateMachineArn: `${express}x` })).rejects.toMatchObject({
        name: 'StateMachineDoesNotExist',
      });
      await expect(send({ stateMachineArn: express, input: '{' })).rejects.toMatchObject({
        name: 'InvalidExecutionInput',
      });
    });
  });

  describe('StartExecution', () => {
    it('runs to its end, with a history', async () => {
      const stateMachineArn = await create(one(task('double')), 'STANDARD');

      const { executionArn } = await system.client.send(
        new StartExecutionCommand({ stateMachineArn, input: '{"n":2}', name: 'e1' }),
      );
      const ended = await describeUntilEnded(executionArn);
      const { events } = await system.client.send(new GetExecutionHistoryCommand({ executionArn }));
      const { executions } = await system.client.send(
        new ListExecutionsCommand({ stateMachineArn, statusFilter: 'SUCCEEDED' }),
      );

      expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '4', input: '{"n":2}' });
      expect(events?.map(({ type }) => type)).toEqual([
        'ExecutionStarted',
        'TaskStateEntered',
        'LambdaFunctionScheduled',
        'LambdaFunctionSucceeded',
        'TaskStateExited',
        'ExecutionSucceeded',
      ]);
      expect(events?.[1]?.stateEnteredEventDetails).toEqual({ name: 'S', input: '{"n":2}' });
      expect(executions?.map((execution) => execution.executionArn)).toEqual([executionArn]);
    });

    it('a Standard execution has its name for itself; the same name and input while it runs is the same execution', async () => {
      const stateMachineArn = await create(one(task('never')), 'STANDARD');
      const request = { stateMachineArn, name: 'same', input: '{"n":1}' };
      const first = await system.client.send(new StartExecutionCommand(request));
      const second = await system.client.send(new StartExecutionCommand(request));

      expect(second.executionArn).toBe(first.executionArn);
      await expect(
        system.client.send(new StartExecutionCommand({ ...request, input: '{"n":2}' })),
      ).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    });

    it('StopExecution ends it as ABORTED', async () => {
      const stateMachineArn = await create(one(task('never')), 'STANDARD');
      const { executionArn } = await system.client.send(new StartExecutionCommand({ stateMachineArn }));

      await system.client.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'asked' }));

      expect(await describeUntilEnded(executionArn)).toMatchObject({
        status: 'ABORTED',
        error: 'Enough',
        cause: 'asked',
      });
    });

    it('lists in pages, newest first', async () => {
      const stateMachineArn = await create(one(task('echo')), 'STANDARD');
      for (const name of ['a', 'b', 'c'])
        await system.client.send(new StartExecutionCommand({ stateMachineArn, name }));

      const page = await system.client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 2 }));
      const rest = await system.client.send(
        new ListExecutionsCommand({ stateMachineArn, maxResults: 2, nextToken: page.nextToken }),
      );

      expect([...(page.executions ?? []), ...(rest.executions ?? [])].map(({ name }) => name)).toEqual(['c', 'b', 'a']);
      expect(rest.nextToken).toBeUndefined();
    });

    it('runs a bounded number at a time; the rest waits in order', async () => {
      await system.stop();
      const gates: (() => void)[] = [];
      system = await start(box, {
        invoke: (_name, payload) => new Promise((resolve) => gates.push(() => resolve({ payload }))),
        maxRunning: 2,
      });
      const stateMachineArn = await create(one(task('gated')));
      const arns: (string | undefined)[] = [];
      for (let n = 0; n < 5; n += 1) {
        const { executionArn } = await system.client.send(
          new StartExecutionCommand({ stateMachineArn, input: String(n) }),
        );
        arns.push(executionArn);
      }

      expect(system.service.stats()).toMatchObject({ running: 2, waiting: 3 });
      for (let n = 0; n < 5; n += 1) {
        await until(
          async () => gates.length,
          (length) => length > n,
        );
        gates[n]?.();
        expect(await describeUntilEnded(arns[n])).toMatchObject({ status: 'SUCCEEDED', output: String(n) });
      }
    });

    it('survives a restart: what was accepted and had not ended runs again from its input', async () => {
      const stateMachineArn = await create(one(task('never')));
      const { executionArn } = await system.client.send(
        new StartExecutionCommand({ stateMachineArn, input: '{"n":1}' }),
      );
      await system.stop();
      const { invoke, calls } = functions();
      system = await start(box, { invoke: (_name, payload) => invoke('echo', payload) });

      expect((await system.client.send(new DescribeExecutionCommand({ executionArn }))).status).toBe('RUNNING');
      system.service.resume();

      expect(await describeUntilEnded(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"n":1}' });
      expect(calls).toEqual([{ name: 'echo', payload: { n: 1 } }]);
    });
  });

  it('suspend stops executions and keeps the asynchronous ones for the next start', async () => {
    const stateMachineArn = await create(one(task('never')));
    const { executionArn } = await system.client.send(new StartExecutionCommand({ stateMachineArn }));
    const synchronous = system.client.send(new StartSyncExecutionCommand({ stateMachineArn }));
    await until(
      async () => system.service.stats().synchronous,
      (running) => running === 1,
    );

    await Promise.all([
      expect(synchronous).rejects.toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }),
      system.service.suspend(),
    ]);

    const { status } = await system.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).toBe('RUNNING');
    expect(system.service.stats()).toEqual({ running: 0, waiting: 0, synchronous: 0 });
  });

  it('says which execution does not exist', async () => {
    const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:none:none';

    await expect(system.client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
  });
});
