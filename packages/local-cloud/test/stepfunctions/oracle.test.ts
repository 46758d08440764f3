import { StateMachine } from 'aws-local-stepfunctions';
import { one, run, task } from './support.ts';

/**
 * The interpreter against another one, aws-local-stepfunctions, on what both know. Where they differ on purpose
 * (names of runtime errors, the form of Cause, the context object), asl.test.ts holds ours to AWS's own words.
 */
const pass = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ Type: 'Pass', End: true, ...more });

const inputs = { n: 5, list: [3, 1, 2], deep: { a: { b: ['x', 'y'] } }, words: 'a-b_c' };
const template = (expression: string) => pass({ Parameters: { 'v.$': expression } });

const machines: Record<string, Record<string, unknown>> = {
  'a chain of all path fields': {
    StartAt: 'A',
    States: {
      A: pass({ Parameters: { 'm.$': '$.n', 'l.$': '$.list[1:]' }, ResultPath: '$.r', End: undefined, Next: 'B' }),
      B: pass({ InputPath: '$.r', Result: { z: [1] }, ResultPath: '$.deep.c', OutputPath: '$.deep', End: true }),
    },
  },
  'nested Parallel and Map': one({
    Type: 'Parallel',
    Branches: [
      {
        StartAt: 'M',
        States: {
          M: {
            Type: 'Map',
            ItemsPath: '$.list',
            ItemProcessor: { StartAt: 'I', States: { I: pass({ Parameters: { 'x.$': '$' } }) } },
            End: true,
          },
        },
      },
      { StartAt: 'P', States: { P: pass({ Result: 'p' }) } },
    ],
    ResultPath: '$.out',
    End: true,
  }),
  'Choice over And, Or and Not': {
    StartAt: 'C',
    States: {
      C: {
        Type: 'Choice',
        Choices: [
          {
            And: [
              { Variable: '$.n', NumericGreaterThan: 5 },
              { Variable: '$.words', IsString: true },
            ],
            Next: 'Y',
          },
          {
            Not: {
              Or: [
                { Variable: '$.none', IsPresent: true },
                { Variable: '$.words', StringMatches: 'b*' },
              ],
            },
            Next: 'Z',
          },
        ],
        Default: 'N',
      },
      Y: pass({ Result: 'Y' }),
      Z: pass({ Result: 'Z' }),
      N: pass({ Result: 'N' }),
    },
  },
  'Task, ResultSelector, ResultPath': one(
    task('echo', { Parameters: { 'q.$': '$.deep.a' }, ResultSelector: { 'w.$': '$.q.b[1]' }, ResultPath: '$.t' }),
  ),
  ...Object.fromEntries(
    [
      '$.list[*]',
      '$..b',
      '$.deep.a.b[0,1]',
      '$.list[?(@ > 1)]',
      '$.list[-1:]',
      "States.Format('{} and {}', $.n, $.words)",
      "States.StringSplit($.words, '-')",
      'States.ArrayPartition($.list, 2)',
      'States.ArrayContains($.list, 2)',
      'States.ArrayRange(0, 10, 5)',
      'States.ArrayUnique(States.Array(1, 1, $.n))',
      "States.Hash($.words, 'SHA-256')",
      'States.JsonToString($.deep)',
      'States.Base64Encode($.words)',
      'States.MathAdd($.n, 10)',
    ].map((expression) => [expression, one(template(expression))]),
  ),
};

describe('our interpreter and aws-local-stepfunctions', () => {
  it.each(Object.entries(machines))('agree on %s', async (_name, definition) => {
    const oracle = new StateMachine(definition as never, { validationOptions: { noValidate: true } });
    const echo = (payload: unknown) => Promise.resolve(payload as never);
    const expected: unknown = await oracle.run(inputs, { overrides: { taskResourceLocalHandlers: { S: echo } } })
      .result;

    const { outcome } = await run(definition, inputs);

    expect(outcome).toEqual({ status: 'SUCCEEDED', output: expected });
  });
});
