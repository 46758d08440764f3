import { definitionProblems } from '../../src/stepfunctions/asl/validate.ts';
import { ARN, INVOKE, one, run, task } from './support.ts';

/** https://states-language.net/spec.html unless a sentence names another source. */
const pass = (more: Record<string, unknown>): Record<string, unknown> => ({ Type: 'Pass', End: true, ...more });
const value = (expression: string): Record<string, unknown> => one(pass({ Parameters: { 'v.$': expression } }));

describe('input and output processing', () => {
  const input = { a: { b: [1, 2, 3] }, items: [{ n: 1 }, { n: 2 }, { n: 3 }], 'odd name': true, nothing: null };
  const cases: [string, Record<string, unknown>, unknown][] = [
    ['Pass hands its input on', one(pass({})), input],
    ['Result replaces it', one(pass({ Result: { x: 1 } })), { x: 1 }],
    [
      'ResultPath puts it into the raw input',
      one(pass({ Result: 1, ResultPath: '$.a.r' })),
      { ...input, a: { b: [1, 2, 3], r: 1 } },
    ],
    ['ResultPath makes missing nodes', one(pass({ Result: 1, ResultPath: '$.p.q' })), { ...input, p: { q: 1 } }],
    ['ResultPath null discards the result', one(pass({ Result: 1, ResultPath: null })), input],
    ['InputPath and OutputPath select', one(pass({ InputPath: '$.a', OutputPath: '$.b' })), [1, 2, 3]],
    ['InputPath null is an empty object', one(pass({ InputPath: null })), {}],
    ['OutputPath null is an empty object', one(pass({ OutputPath: null })), {}],
    [
      'ResultSelector and ResultPath of a Task',
      one(task('echo', { ResultSelector: { 'first.$': '$.a.b[0]' }, ResultPath: '$.r' })),
      { ...input, r: { first: 1 } },
    ],
    ['a null result stays null', one(task('nothing')), null],
    [
      'Parameters in depth',
      one(pass({ Parameters: { deep: { 'x.$': '$.a.b[-1]', y: [{ 'z.$': '$.a.b[0]' }] } } })),
      { deep: { x: 3, y: [{ z: 1 }] } },
    ],
    ['slices', value('$.a.b[0:2]'), { v: [1, 2] }],
    ['wildcards', value('$.items[*].n'), { v: [1, 2, 3] }],
    ['descent', value('$..n'), { v: [1, 2, 3] }],
    ['filters', value('$.items[?(@.n > 1)].n'), { v: [2, 3] }],
    ['a filter that matches nothing is an empty list', value('$.items[?(@.n > 9)]'), { v: [] }],
    ['names in brackets', value("$['odd name']"), { v: true }],
    ['a null value is a value', value('$.nothing'), { v: null }],
  ];
  it.each(cases)('%s', async (_name, definition, expected) => {
    const { outcome } = await run(definition, input);

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: expected });
  });

  it('fails with States.Runtime for a path to nothing, which States.ALL does not catch', async () => {
    const state = task('echo', {
      Parameters: { 'x.$': '$.missing' },
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
    });

    const { outcome } = await run(one(state, { C: pass({}) }));

    expect(outcome).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringContaining("'$.missing'"),
    });
  });

  it('fails with States.ResultPathMatchFailure where a result cannot be put', async () => {
    const { outcome } = await run(one(pass({ Result: 1, ResultPath: '$.a.b.c' })), { a: { b: 5 } });

    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.ResultPathMatchFailure' });
  });

  it('refuses more than 256 KiB (States.DataLimitExceeded), which only its own name catches', async () => {
    const caught = (name: string) =>
      one(task('large', { Catch: [{ ErrorEquals: [name], Next: 'C' }] }), { C: pass({ Result: 'caught' }) });

    expect((await run(caught('States.ALL'))).outcome).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
    expect((await run(caught('States.DataLimitExceeded'))).outcome).toMatchObject({ output: 'caught' });
  });
});

describe('intrinsic functions', () => {
  const input = { a: [1, 2, 3, 3], s: 'x,y|z', o: { p: 1 }, n: 5, text: 'Straße' };
  const cases: [string, unknown][] = [
    ["States.Format('{}-{} \\{\\} it\\'s', $.n, 'b')", "5-b {} it's"],
    ["States.Array($.n, 'x', null, true, 1.5)", [5, 'x', null, true, 1.5]],
    ['States.ArrayPartition($.a, 3)', [[1, 2, 3], [3]]],
    ['States.ArrayContains($.a, 2)', true],
    ['States.ArrayRange(1, 9, 4)', [1, 5, 9]],
    ['States.ArrayRange(3, 1, -1)', [3, 2, 1]],
    ['States.ArrayGetItem($.a, 1)', 2],
    ['States.ArrayLength($.a[0:2])', 2],
    ['States.ArrayUnique($.a)', [1, 2, 3]],
    ['States.Base64Encode($.text)', Buffer.from('Straße').toString('base64')],
    [`States.Base64Decode('${Buffer.from('ü').toString('base64')}')`, 'ü'],
    ["States.Hash('abc', 'SHA-1')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['States.JsonMerge($.o, States.StringToJson(\'{"q":2}\'), false)', { p: 1, q: 2 }],
    ['States.JsonToString($.o)', '{"p":1}'],
    ['States.MathAdd($.n, -7)', -2],
    ["States.StringSplit($.s, ',|')", ['x', 'y', 'z']],
    ["States.Format('{}', States.ArrayLength(States.Array(1, 2)))", '2'],
    ['States.Format($$.StateMachine.Name)', 'm'],
  ];
  it.each(cases)('%s', async (expression, expected) => {
    const { outcome } = await run(value(expression), input);

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: { v: expected } });
  });

  it('makes unique ids, and the same random number for the same seed', async () => {
    const { outcome } = await run(
      one(
        pass({
          Parameters: {
            'u.$': 'States.UUID()',
            'a.$': 'States.MathRandom(1, 1000, 7)',
            'b.$': 'States.MathRandom(1, 1000, 7)',
          },
        }),
      ),
    );

    const { u, a, b } = (outcome as { output: Record<string, unknown> }).output;
    expect(u).toMatch(/^[0-9a-f-]{36}$/);
    expect(a).toBe(b);
  });

  it('fails with States.IntrinsicFailure for wrong arguments', async () => {
    const { outcome } = await run(value('States.ArrayGetItem($.a, 9)'), input);

    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.IntrinsicFailure' });
  });
});

describe('the context object', () => {
  it('knows the execution, the machine and the state', async () => {
    const { outcome } = await run(
      one(
        pass({
          Parameters: {
            'e.$': '$$.Execution.Name',
            's.$': '$$.State.Name',
            't.$': '$$.State.EnteredTime',
            'm.$': '$$.StateMachine.Id',
          },
        }),
      ),
    );

    expect(outcome).toMatchObject({ output: { e: 'e', s: 'S', m: 'arn:m', t: expect.stringMatching(/^\d{4}-.*Z$/) } });
  });

  it('counts the retries of a state', async () => {
    const { calls } = await run(
      one(
        task('flaky', {
          Parameters: { 'n.$': '$$.State.RetryCount' },
          Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 0 }],
        }),
      ),
    );

    expect(calls.map(({ payload }) => payload)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });
});

describe('Task', () => {
  it('wraps the answer of arn:aws:states:::lambda:invoke', async () => {
    const state = task('', { Resource: INVOKE, Parameters: { FunctionName: 'double', Payload: { 'n.$': '$.n' } } });

    const { outcome, calls } = await run(one(state), { n: 21 });

    expect(outcome).toEqual({
      status: 'SUCCEEDED',
      output: { ExecutedVersion: '$LATEST', Payload: 42, StatusCode: 200 },
    });
    expect(calls).toEqual([{ name: 'double', payload: { n: 21 } }]);
  });

  it('names the error as the function did; its cause is all the function said, as JSON', async () => {
    const { outcome } = await run(one(task('rejected')));

    expect(outcome).toMatchObject({ status: 'FAILED', error: 'ImageRejected' });
    expect(JSON.parse((outcome as { cause: string }).cause)).toEqual({
      errorType: 'ImageRejected',
      errorMessage: 'TOO_LARGE',
      trace: [],
    });
  });

  it.each([
    ['rejected', ['Other'], 'FAILED'],
    ['rejected', ['Other', 'ImageRejected'], 'SUCCEEDED'],
    ['rejected', ['States.TaskFailed'], 'SUCCEEDED'],
    ['crashed', ['States.TaskFailed'], 'SUCCEEDED'],
    ['late', ['Sandbox.Timedout'], 'SUCCEEDED'],
    ['late', ['States.TaskFailed'], 'SUCCEEDED'],
    ['late', ['States.Timeout'], 'FAILED'],
    ['missing', ['Lambda.ResourceNotFoundException'], 'SUCCEEDED'],
    ['missing', ['States.ALL'], 'SUCCEEDED'],
  ])('%s caught by %j: %s', async (name, errors, status) => {
    const { outcome } = await run(one(task(name, { Catch: [{ ErrorEquals: errors, Next: 'C' }] }), { C: pass({}) }));

    expect(outcome.status).toBe(status);
  });

  it('Catch keeps the input beside the error with ResultPath', async () => {
    const state = task('rejected', { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'C' }] });

    const { outcome } = await run(one(state, { C: pass({}) }), { id: 1 });

    expect(outcome).toMatchObject({
      output: { id: 1, error: { Error: 'ImageRejected', Cause: expect.stringContaining('TOO_LARGE') } },
    });
  });

  it('TimeoutSeconds ends it with States.Timeout, which States.TaskFailed does not stand for', async () => {
    const state = (name: string) =>
      one(task('never', { TimeoutSeconds: 0.05, Catch: [{ ErrorEquals: [name], Next: 'C' }] }), { C: pass({}) });

    expect((await run(state('States.Timeout'))).outcome.status).toBe('SUCCEEDED');
    expect((await run(state('States.TaskFailed'))).outcome).toMatchObject({
      status: 'FAILED',
      error: 'States.Timeout',
    });
  });

  it('takes the time from TimeoutSecondsPath', async () => {
    const { outcome } = await run(one(task('never', { TimeoutSecondsPath: '$.t' })), { t: 0.05 });

    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });
});

describe('Retry', () => {
  const retried = (rules: unknown[]) => one(task('flaky', { Retry: rules }));

  it('tries again until it succeeds', async () => {
    const { outcome, calls } = await run(
      retried([
        {
          ErrorEquals: ['States.ALL'],
          IntervalSeconds: 0.01,
          BackoffRate: 2,
          MaxDelaySeconds: 1,
          JitterStrategy: 'FULL',
        },
      ]),
    );

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: 3 });
    expect(calls).toHaveLength(3);
  });

  it.each([
    ['MaxAttempts bounds it', [{ ErrorEquals: ['Flaky'], IntervalSeconds: 0, MaxAttempts: 1 }], 2],
    ['MaxAttempts 0 is never', [{ ErrorEquals: ['Flaky'], IntervalSeconds: 0, MaxAttempts: 0 }], 1],
    ['other errors are not retried', [{ ErrorEquals: ['Other'], IntervalSeconds: 0 }], 1],
    [
      'the first rule that names the error holds',
      [
        { ErrorEquals: ['Flaky'], IntervalSeconds: 0, MaxAttempts: 1 },
        { ErrorEquals: ['States.ALL'], IntervalSeconds: 0 },
      ],
      2,
    ],
  ])('%s', async (_name, rules, attempts) => {
    const { outcome, calls } = await run(retried(rules));

    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Flaky' });
    expect(calls).toHaveLength(attempts);
  });

  it('comes before Catch', async () => {
    const state = task('rejected', {
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 0, MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
    });

    const { outcome, calls } = await run(one(state, { C: pass({ Result: 'caught' }) }));

    expect(outcome).toMatchObject({ output: 'caught' });
    expect(calls).toHaveLength(3);
  });
});

describe('Choice', () => {
  const rule = (condition: Record<string, unknown>): Record<string, unknown> => ({
    StartAt: 'S',
    States: {
      S: { Type: 'Choice', Choices: [{ ...condition, Next: 'Y' }], Default: 'N' },
      Y: pass({ Result: true }),
      N: pass({ Result: false }),
    },
  });
  const input = {
    s: 'abc*',
    n: 5,
    m: 5,
    b: true,
    z: null,
    t: '2026-11-23T20:40:00Z',
    u: '2026-11-23T21:40:00+01:00',
    list: [1],
  };
  const cases: [Record<string, unknown>, boolean][] = [
    [{ Variable: '$.s', StringEquals: 'abc*' }, true],
    [{ Variable: '$.s', StringGreaterThan: 'abb' }, true],
    [{ Variable: '$.s', StringMatches: 'a*' }, true],
    [{ Variable: '$.s', StringMatches: 'abc\\*' }, true],
    [{ Variable: '$.s', StringMatches: 'abd*' }, false],
    [{ Variable: '$.n', NumericLessThanEquals: 5 }, true],
    [{ Variable: '$.n', NumericGreaterThan: 5 }, false],
    [{ Variable: '$.n', NumericEqualsPath: '$.m' }, true],
    [{ Variable: '$.n', StringEquals: '5' }, false],
    [{ Variable: '$.b', BooleanEquals: true }, true],
    [{ Variable: '$.t', TimestampEqualsPath: '$.u' }, true],
    [{ Variable: '$.t', TimestampLessThan: '2026-11-23T20:40:01Z' }, true],
    [{ Variable: '$.z', IsNull: true }, true],
    [{ Variable: '$.none', IsPresent: false }, true],
    [{ Variable: '$.z', IsPresent: true }, true],
    [{ Variable: '$.n', IsNumeric: true }, true],
    [{ Variable: '$.s', IsBoolean: true }, false],
    [{ Variable: '$.t', IsTimestamp: true }, true],
    [{ Variable: '$.s', IsTimestamp: false }, true],
    [{ And: [{ Variable: '$.n', IsPresent: true }, { Not: { Variable: '$.n', NumericEquals: 6 } }] }, true],
    [
      {
        Or: [
          { Variable: '$.n', NumericEquals: 6 },
          { Variable: '$.b', BooleanEquals: true },
        ],
      },
      true,
    ],
  ];
  it.each(cases)('%j: %s', async (condition, expected) => {
    const { outcome } = await run(rule(condition), input);

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: expected });
  });

  it('fails with States.NoChoiceMatched without a match and a Default', async () => {
    const state = { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 6, Next: 'Y' }] };

    const { outcome } = await run(one(state, { Y: pass({}) }), input);

    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });
});

describe('Parallel and Map', () => {
  const branch = (state: Record<string, unknown>, name = 'B') => ({ StartAt: name, States: { [name]: state } });

  it('Parallel gives the outputs in the order of its branches; state names may repeat', async () => {
    const state = {
      Type: 'Parallel',
      Branches: [branch(task('double')), branch(pass({ Result: 'p' })), branch(task('echo'))],
      End: true,
    };

    const { outcome } = await run(one(state), { n: 1 });

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: [2, 'p', { n: 1 }] });
  });

  it('a failing branch fails Parallel with its own error at once', async () => {
    const state = {
      Type: 'Parallel',
      Branches: [branch(task('never')), branch(task('rejected'))],
      Catch: [{ ErrorEquals: ['ImageRejected'], ResultPath: '$.e', Next: 'C' }],
      End: true,
    };

    const { outcome } = await run(one(state, { C: pass({ OutputPath: '$.e.Error' }) }), {});

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: 'ImageRejected' });
  });

  it('Map runs each item; ItemSelector sees the input, the item and its index', async () => {
    const state = {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'k.$': '$.k' },
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...branch(task('echo')) },
      MaxConcurrency: 2,
      ResultPath: '$.out',
      End: true,
    };

    const { outcome } = await run(one(state), { items: ['a', 'b', 'c'], k: 9 });

    expect(outcome).toMatchObject({
      output: {
        k: 9,
        out: [
          { i: 0, v: 'a', k: 9 },
          { i: 1, v: 'b', k: 9 },
          { i: 2, v: 'c', k: 9 },
        ],
      },
    });
  });

  it('Map honours MaxConcurrency', async () => {
    let running = 0;
    let most = 0;
    const { execute } = await import('../../src/stepfunctions/asl/machine.ts');
    const { CONTEXT } = await import('./support.ts');

    const outcome = await execute({
      definition: one({ Type: 'Map', MaxConcurrency: 2, Iterator: branch(task('any')), End: true }),
      input: [1, 2, 3, 4, 5],
      context: CONTEXT,
      invoke: async (_name, payload) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        return { payload };
      },
      now: () => Date.now(),
      emit: () => undefined,
      stop: new AbortController().signal,
    });

    expect(outcome).toMatchObject({ output: [1, 2, 3, 4, 5] });
    expect(most).toBe(2);
  });

  it('nests: an inner Map has its own item, the outer its own', async () => {
    const inner = {
      Type: 'Map',
      ItemsPath: '$.in',
      ItemSelector: { 'v.$': '$$.Map.Item.Value', 'o.$': '$.o' },
      ItemProcessor: branch(task('echo', { OutputPath: '$.v' }), 'I'),
      ResultPath: '$.r',
      End: true,
    };
    const outer = { Type: 'Map', ItemProcessor: branch(inner), End: true };

    const { outcome } = await run(one(outer), [
      { in: [1, 2], o: 'x' },
      { in: [], o: 'y' },
    ]);

    expect(outcome).toMatchObject({ output: [{ r: [1, 2] }, { r: [] }] });
  });

  it('one failing item fails Map; a Catch inside the iteration isolates it', async () => {
    const plain = { Type: 'Map', ItemProcessor: branch(task('failsOn2')), End: true };
    const caught = {
      Type: 'Map',
      ItemProcessor: {
        StartAt: 'B',
        States: {
          B: task('failsOn2', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'F' }] }),
          F: pass({ Result: 'failed' }),
        },
      },
      End: true,
    };

    expect((await run(one(plain), [1, 2, 3])).outcome).toMatchObject({ status: 'FAILED', error: 'Two' });
    expect((await run(one(caught), [1, 2, 3])).outcome).toMatchObject({ output: [1, 'failed', 3] });
  });

  it('a distributed Map tolerates as many failures as it says', async () => {
    const map = (tolerated: number) => ({
      Type: 'Map',
      ToleratedFailureCount: tolerated,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        ...branch(task('failsOn2')),
      },
      End: true,
    });

    expect((await run(one(map(1)), [1, 2, 3])).outcome).toMatchObject({ output: [1, null, 3] });
    expect((await run(one(map(1)), [2, 2, 3])).outcome).toMatchObject({
      error: 'States.ExceedToleratedFailureThreshold',
    });
  });
});

describe('Wait, Succeed, Fail and time', () => {
  it('waits for seconds, by a path, until a timestamp', async () => {
    const states = {
      S: { Type: 'Wait', Seconds: 0, Next: 'P' },
      P: { Type: 'Wait', SecondsPath: '$.s', Next: 'T' },
      T: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', Next: 'Z' },
      Z: { Type: 'Succeed', OutputPath: '$.s' },
    };

    expect((await run({ StartAt: 'S', States: states }, { s: 0.01 })).outcome).toEqual({
      status: 'SUCCEEDED',
      output: 0.01,
    });
  });

  it.each([
    ['fixed texts', { Error: 'E', Cause: 'C' }, { error: 'E', cause: 'C' }],
    ['paths', { ErrorPath: '$.e', CausePath: '$$.State.Name' }, { error: 'Mine', cause: 'S' }],
    ['intrinsic functions', { Error: 'E', CausePath: "States.Format('{}!', $.e)" }, { error: 'E', cause: 'Mine!' }],
  ])('Fail with %s', async (_name, fields, expected) => {
    const { outcome } = await run(one({ Type: 'Fail', ...fields }), { e: 'Mine' });

    expect(outcome).toEqual({ status: 'FAILED', ...expected });
  });

  it('a machine that takes longer than its TimeoutSeconds, or an Express one than five minutes, is TIMED_OUT', async () => {
    const slow = one(task('never', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }), { C: pass({}) });

    expect((await run({ ...slow, TimeoutSeconds: 0.05 })).outcome).toEqual({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
    });
    expect((await run(slow, {}, 0.05)).outcome).toEqual({ status: 'TIMED_OUT', error: 'States.Timeout' });
  });
});

describe('JSONata and variables', () => {
  const machine = (states: Record<string, unknown>) => ({ QueryLanguage: 'JSONata', StartAt: 'S', States: states });

  it('Arguments, Output, Assign and $states', async () => {
    const { outcome, calls } = await run(
      machine({
        S: task('double', {
          Arguments: { n: '{% $states.input.n + 1 %}' },
          Assign: { twice: '{% $states.result %}' },
          Output: '{% {"r": $states.result, "s": $states.context.State.Name} %}',
          End: undefined,
          Next: 'T',
        }),
        T: pass({
          Output: {
            sum: '{% $twice + $states.input.r %}',
            list: ['{% $uppercase("x") %}'],
            hash: "{% $hash('abc', 'SHA-1') %}",
          },
        }),
      }),
      { n: 1 },
    );

    expect(calls).toEqual([{ name: 'double', payload: { n: 2 } }]);
    expect(outcome).toEqual({
      status: 'SUCCEEDED',
      output: { sum: 8, list: ['X'], hash: 'a9993e364706816aba3e25717850c26c9cd0d89d' },
    });
  });

  it('Choice conditions, Map items and caught errors', async () => {
    const { outcome } = await run(
      machine({
        S: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n > 3 %}', Next: 'M' }], Default: 'D' },
        D: { Type: 'Fail', Error: 'Small' },
        M: {
          Type: 'Map',
          Items: '{% [1..$states.input.n] %}',
          ItemSelector: { v: '{% $states.context.Map.Item.Value %}' },
          ItemProcessor: { StartAt: 'I', States: { I: pass({ Output: '{% $states.input.v * 10 %}' }) } },
          Next: 'R',
        },
        R: task('rejected', {
          Catch: [
            {
              ErrorEquals: ['States.ALL'],
              Output: '{% {"e": $states.errorOutput.Error, "i": $states.input} %}',
              Next: 'E',
            },
          ],
        }),
        E: { Type: 'Succeed' },
      }),
      { n: 4 },
    );

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: { e: 'ImageRejected', i: [10, 20, 30, 40] } });
  });

  it('an expression that gives nothing fails with States.QueryEvaluationError', async () => {
    const { outcome } = await run(machine({ S: pass({ Output: '{% $states.input.none %}' }) }));

    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  it('variables in JSONPath; inner flows read them and keep their own', async () => {
    const { outcome } = await run(
      {
        StartAt: 'S',
        States: {
          S: pass({ Assign: { 'x.$': '$.n', y: 'fixed' }, End: undefined, Next: 'P' }),
          P: {
            Type: 'Parallel',
            Branches: [
              {
                StartAt: 'B',
                States: {
                  B: pass({ Assign: { x: 99 }, End: undefined, Next: 'B2' }),
                  B2: pass({ Parameters: { 'in.$': '$x' } }),
                },
              },
            ],
            ResultPath: '$.p',
            Next: 'E',
          },
          E: pass({ Parameters: { 'x.$': '$x', 'y.$': 'States.Format($y)', 'p.$': '$.p[0].in' } }),
        },
      },
      { n: 7 },
    );

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: { x: 7, y: 'fixed', p: 99 } });
  });
});

describe('validation', () => {
  const cases: [string, unknown, string][] = [
    ['no states', { StartAt: 'S', States: {} }, 'States'],
    ['unknown start', { StartAt: 'X', States: { S: pass({}) } }, 'StartAt'],
    ['unknown next', one(pass({ End: undefined, Next: 'X' })), 'X'],
    ['no transition', one({ Type: 'Pass' }), 'Next'],
    ['unknown type', one({ Type: 'Nope', End: true }), 'Nope'],
    ['unreachable', { StartAt: 'S', States: { S: pass({}), X: pass({}) } }, 'reachable'],
    ['bad path', one(pass({ Parameters: { 'x.$': 'a.b' } })), 'a.b'],
    ['bad intrinsic', one(pass({ Parameters: { 'x.$': 'States.Nope($.a)' } })), 'States.Nope'],
    ['States.ALL not alone', one(task('echo', { Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] })), 'States.ALL'],
    [
      'bad branch',
      one({ Type: 'Parallel', Branches: [{ StartAt: 'B', States: { B: { Type: 'Pass' } } }], End: true }),
      'Next',
    ],
    ['a resource that is not run here', one(task('', { Resource: 'arn:aws:states:::sqs:sendMessage' })), 'sqs'],
    ['bad JSONata', { ...one(pass({ Output: '{% 1 + %}' })), QueryLanguage: 'JSONata' }, 'Output'],
    [
      'Choice without operator',
      one({ Type: 'Choice', Choices: [{ Variable: '$.a', Next: 'Y' }] }, { Y: pass({}) }),
      'operator',
    ],
  ];
  it.each(cases)('%s', async (_name, definition, words) => {
    const problems = await definitionProblems(definition);

    expect(JSON.stringify(problems)).toContain(words);
  });

  it('a Map whose Resource is a function by ARN is fine', async () => {
    expect(await definitionProblems(one({ Type: 'Task', Resource: `${ARN}x`, End: true }))).toEqual([]);
  });
});
