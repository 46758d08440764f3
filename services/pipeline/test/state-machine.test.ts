import { createRequire } from 'node:module';
import { rejectCodes } from '@darkroom/types/codes';
import {
  storeInputSchema,
  type ImageTask,
  type StoreInput,
  type WorkflowOutput,
  workflowOutputSchema,
} from '@darkroom/types/workflow';
import { StateMachine } from 'aws-local-stepfunctions';
import { taskOf } from '../src/core/claim.ts';
import { nthId, record } from './support/fixtures.ts';
import { readMachine } from './support/machine.ts';

const definition = readMachine();
const machine = new StateMachine(definition);

const header = {
  format: 'jpeg',
  width: 4032,
  height: 3024,
  orientation: 6,
  frames: 1,
  progressive: false,
  hasAlpha: false,
  channels: 3,
};
const metadata = {
  sha256: 'a'.repeat(64),
  version: '0123456789ab',
  perceptualHash: '0123456789abcdef',
  width: 3024,
  height: 4032,
  dominantColour: '#336699',
  thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
  hasAlpha: false,
  exif: { takenAt: null, make: null, model: null, orientation: 6 },
};

const moderation = { verdict: 'allowed', scores: { porn: 0.01 }, model: 'm@1' };

type Handler = (input: never) => unknown;
interface RenderInput {
  task: ImageTask;
  header: unknown;
  metadata: unknown;
  family: string;
}

/** The error that Lambda hands to Step Functions: the name is the errorType. */
const named = (name: string, message = name): Error => Object.assign(new Error(message), { name });
const statusOf = {
  ready: 'READY',
  redeveloped: 'READY',
  rejected: 'REJECTED',
  review: 'REVIEW',
  failed: 'RETRY',
} as const;

/** Tasks that succeed, and a catalogue that keeps what it is told; `changes` replaces tasks by the state's name. */
const play = async (images: readonly string[], changes: Record<string, Handler> = {}) => {
  const stored: StoreInput[] = [];
  const rendered: RenderInput[] = [];
  const developed: string[] = [];
  const store = (raw: unknown) => {
    const input = storeInputSchema.parse(raw);
    stored.push(input);
    return { imageId: input.task.imageId, status: statusOf[input.outcome] };
  };
  const render = (input: RenderInput) => {
    rendered.push(input);
    return { family: input.family, variants: [] };
  };
  const handlers: Record<string, Handler> = {
    ValidateImage: () => ({ verdict: 'accepted', header }),
    DevelopHeic: ({ task }: { task: ImageTask }) => {
      developed.push(task.imageId);
      return { key: 'developed/aa/x/source', bytes: 1 };
    },
    ExtractMetadata: () => metadata,
    ModerateImage: () => moderation,
    CreateThumbnail: render,
    CreateWebOptimized: render,
    CreateMobileOptimized: render,
    StoreResults: store,
    StoreVerdict: store,
    StoreReview: store,
    StoreRefusal: store,
    StoreRejection: store,
    StoreFailure: store,
    ...changes,
  };
  const tasks = images.map((imageId) => taskOf(record({ imageId }), null));
  const noWait = Object.fromEntries(Object.keys(handlers).map((name) => [name, 0]));
  const { result } = machine.run(JSON.parse(JSON.stringify({ schemaVersion: 1, images: tasks })), {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        Object.entries(handlers).map(([name, handler]) => [name, async (input) => handler(input as never) as never]),
      ),
      retryIntervalOverrides: noWait,
    },
  });
  const output: WorkflowOutput = workflowOutputSchema.parse(await result);
  return { output, stored, rendered, developed, tasks };
};

const DECODING = [
  'ValidateImage',
  'ExtractMetadata',
  'ModerateImage',
  'CreateThumbnail',
  'CreateWebOptimized',
  'CreateMobileOptimized',
];
const ONE = [nthId(1)];
const TEN = Array.from({ length: 10 }, (_, n) => nthId(n));
const fails = (error: Error) => () => {
  throw error;
};

describe('the state machine', () => {
  it('is valid Amazon States Language, as sls package checks it', () => {
    const validate = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
      isValid: boolean;
      errorsText: () => string;
    };
    const { isValid, errorsText } = validate(definition);
    expect(isValid ? '' : errorsText()).toBe('');
  });

  it('sees a batch through, in order: one result an image', async () => {
    const { output, stored, rendered } = await play(TEN);
    expect(output).toEqual(TEN.map((imageId) => ({ imageId, status: 'READY' })));
    expect(stored).toHaveLength(10);
    expect(rendered).toHaveLength(30);
  });

  it('hands every state what its contract asks for', async () => {
    const { stored, rendered, tasks } = await play(ONE);
    const [task] = tasks;
    expect(rendered.map(({ family }) => family).sort()).toEqual(['mobile', 'thumbnail', 'web']);
    expect(rendered[0]).toMatchObject({ task, header, metadata });
    expect(stored).toEqual([
      {
        outcome: 'ready',
        task,
        header,
        metadata,
        moderation,
        families: [
          { family: 'thumbnail', variants: [] },
          { family: 'web', variants: [] },
          { family: 'mobile', variants: [] },
        ],
      },
    ]);
  });

  it('moderates what ExtractMetadata found and sends along, after it', async () => {
    const given: [string, unknown][] = [];
    const found = { ...metadata, glance: { jpeg: 'AAAA' } };
    const { tasks, stored } = await play(ONE, {
      ExtractMetadata: (input) => given.push(['ExtractMetadata', input]) && found,
      ModerateImage: (input) => given.push(['ModerateImage', input]) && moderation,
    });
    expect(given).toEqual([
      ['ExtractMetadata', { task: tasks[0], header }],
      ['ModerateImage', { task: tasks[0], header, metadata: found }],
    ]);
    // What only travels is not stored: it would not fit into the catalogue.
    expect(stored).toMatchObject([{ metadata }]);
    expect(stored[0]).not.toHaveProperty('metadata.glance');
  });

  it('moderates nothing that cannot be decoded', async () => {
    const moderated: unknown[] = [];
    await play(ONE, {
      ExtractMetadata: fails(named('ImageRejected', 'TRUNCATED_OR_CORRUPT: m')),
      ModerateImage: (input) => moderated.push(input) && moderation,
    });
    expect(moderated).toEqual([]);
  });

  it('holds back what a person has to look at, described and not rendered', async () => {
    const doubtful = { ...moderation, verdict: 'review' };
    const { output, stored, rendered, tasks } = await play(ONE, { ModerateImage: () => doubtful });
    expect(output).toEqual([{ imageId: nthId(1), status: 'REVIEW' }]);
    expect(stored).toEqual([{ outcome: 'review', task: tasks[0], header, metadata, moderation: doubtful }]);
    expect(rendered).toEqual([]);
  });

  it('refuses what may not be shown, with the scores, and renders nothing', async () => {
    const bad = { ...moderation, verdict: 'refused' };
    const { output, stored, rendered, tasks } = await play(ONE, { ModerateImage: () => bad });
    expect(output).toEqual([{ imageId: nthId(1), status: 'REJECTED' }]);
    const reason = { code: 'NOT_ALLOWED', message: rejectCodes.NOT_ALLOWED };
    expect(stored).toEqual([{ outcome: 'rejected', task: tasks[0], reason, moderation: bad }]);
    expect(rendered).toEqual([]);
  });

  it('develops a HEIC, and nothing else, before what is in it is read', async () => {
    const heic = { ...header, format: 'heic', orientation: 1 };
    const order: string[] = [];
    const { stored, rendered, developed } = await play([nthId(1), nthId(2)], {
      ValidateImage: ({ task }: { task: ImageTask }) => ({
        verdict: 'accepted',
        header: task.imageId === nthId(2) ? heic : header,
      }),
      ExtractMetadata: ({ task, header: given }: { task: ImageTask; header: unknown }) => {
        order.push(`${task.imageId} ${JSON.stringify(given)}`);
        return metadata;
      },
    });
    expect(developed).toEqual([nthId(2)]);
    expect(order.toSorted()).toEqual([`${nthId(1)} ${JSON.stringify(header)}`, `${nthId(2)} ${JSON.stringify(heic)}`]);
    expect(stored.map(({ outcome }) => outcome)).toEqual(['ready', 'ready']);
    expect(rendered.filter(({ task }) => task.imageId === nthId(2)).map((input) => input.header)).toEqual(
      Array(3).fill(heic),
    );
  });

  it.each([
    ['a rejection', named('ImageRejected', 'TRUNCATED_OR_CORRUPT: m'), 'rejected'],
    ['a crash', named('Runtime.ExitError'), 'failed'],
  ])('stores %s of DevelopHeic, and renders nothing', async (_what, error, outcome) => {
    const { stored, rendered } = await play(ONE, {
      ValidateImage: () => ({ verdict: 'accepted', header: { ...header, format: 'heic' } }),
      DevelopHeic: fails(error),
    });
    expect(stored).toMatchObject([{ outcome, error: { Error: error.name } }]);
    expect(rendered).toEqual([]);
  });

  it('stores the reason of a verdict and renders nothing', async () => {
    const reason = { code: 'TOO_LARGE', message: 'too many pixels' };
    const { output, stored, rendered } = await play(ONE, { ValidateImage: () => ({ verdict: 'rejected', reason }) });
    expect(output).toEqual([{ imageId: nthId(1), status: 'REJECTED' }]);
    expect(stored).toMatchObject([{ outcome: 'rejected', reason }]);
    expect(rendered).toEqual([]);
  });

  it.each(DECODING)('stores a rejection that %s throws, at once', async (state) => {
    let calls = 0;
    const { output, stored } = await play(ONE, {
      [state]: () => {
        calls += 1;
        throw named('ImageRejected', 'TRUNCATED_OR_CORRUPT: cut off');
      },
    });
    expect(output).toEqual([{ imageId: nthId(1), status: 'REJECTED' }]);
    expect(stored).toMatchObject([
      { outcome: 'rejected', error: { Error: 'ImageRejected', Cause: 'TRUNCATED_OR_CORRUPT: cut off' } },
    ]);
    expect(calls).toBe(1);
  });

  it.each(DECODING)('stores a failure when %s crashes', async (state) => {
    const { output, stored } = await play(ONE, { [state]: fails(named('Runtime.ExitError', 'exit status 134')) });
    expect(output).toEqual([{ imageId: nthId(1), status: 'RETRY' }]);
    expect(stored).toMatchObject([{ outcome: 'failed', error: { Error: 'Runtime.ExitError' } }]);
  });

  it.each([
    'TransientError',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ])('tries a task again after %s, three times', async (name) => {
    let calls = 0;
    const flaky = (until: number) => () => {
      calls += 1;
      if (calls <= until) throw named(name);
      return metadata;
    };
    await expect(play(ONE, { ExtractMetadata: flaky(3) })).resolves.toMatchObject({
      output: [{ status: 'READY' }],
    });
    expect(calls).toBe(4);

    calls = 0;
    const { stored } = await play(ONE, { ExtractMetadata: flaky(4) });
    expect(stored).toMatchObject([{ outcome: 'failed', error: { Error: name } }]);
  });

  it.each([
    ['StoreResults', {}],
    ['StoreReview', { ModerateImage: () => ({ ...moderation, verdict: 'review' }) }],
    ['StoreRefusal', { ModerateImage: () => ({ ...moderation, verdict: 'refused' }) }],
    ['StoreVerdict', { ValidateImage: () => ({ verdict: 'rejected', reason: { code: 'TOO_LARGE', message: 'm' } }) }],
    ['StoreRejection', { ExtractMetadata: fails(named('ImageRejected', 'TOO_COMPLEX: m')) }],
    ['StoreFailure', { ExtractMetadata: fails(named('Runtime.ExitError')) }],
  ] as [string, Record<string, Handler>][])(
    'repeats %s three times and then gives the image back',
    async (state, changes) => {
      let calls = 0;
      const { output } = await play(ONE, {
        ...changes,
        [state]: () => {
          calls += 1;
          throw named('ProvisionedThroughputExceededException');
        },
      });
      expect(output).toEqual([{ imageId: nthId(1), status: 'RETRY' }]);
      expect(calls).toBe(4);
    },
  );

  it.each([
    ['a crash', named('Runtime.ExitError')],
    ['a timeout', named('States.Timeout')],
    ['a rejection', named('ImageRejected', 'TOO_COMPLEX: m')],
  ])('lets %s of one image leave the nine others alone', async (_what, error) => {
    const { output } = await play(TEN, {
      CreateWebOptimized: ({ task, family }: RenderInput) => {
        if (task.imageId === nthId(4)) throw error;
        return { family, variants: [] };
      },
    });
    const others = output.filter(({ imageId }) => imageId !== nthId(4));
    expect(others.map(({ status }) => status)).toEqual(Array(9).fill('READY'));
    expect(output[4]).toEqual({
      imageId: nthId(4),
      status: error.name === 'ImageRejected' ? 'REJECTED' : 'RETRY',
    });
  });

  it('lets one image whose end cannot be stored leave the nine others alone', async () => {
    const { output } = await play(TEN, {
      StoreResults: ({ task }: { task: ImageTask }) => {
        if (task.imageId === nthId(0)) throw named('InternalServerError');
        return { imageId: task.imageId, status: 'READY' };
      },
    });
    expect(output.map(({ status }) => status)).toEqual(['RETRY', ...(Array(9).fill('READY') as string[])]);
  });
});

interface State {
  Type: string;
  TimeoutSeconds?: number;
  Retry?: unknown;
  ItemProcessor?: { States: Record<string, State> };
  Branches?: { States: Record<string, State> }[];
}

/** Every state by name, however deep. */
const statesOf = (states: Record<string, State>): [string, State][] =>
  Object.entries(states).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor.States) : []),
    ...(state.Branches ?? []).flatMap((branch) => statesOf(branch.States)),
  ]);

describe('the definition', () => {
  const all = statesOf(definition.States);
  const tasks = all.filter(([, { Type }]) => Type === 'Task');

  it('gives every state a name of its own', () => {
    const names = all.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('gives every task an end and retries', () => {
    expect(tasks).toHaveLength(13);
    for (const [, { TimeoutSeconds, Retry }] of tasks) {
      expect(TimeoutSeconds).toBeLessThan(definition.TimeoutSeconds ?? 0);
      expect(Retry).toBeDefined();
    }
  });

  it('ends before the dispatcher does, and within what Express allows', () => {
    expect(definition.TimeoutSeconds).toBeLessThan(300);
  });

  it('stays under the payload limit with ten images of the longest names', async () => {
    const long = { filename: 'ü'.repeat(255), owner: 'o'.repeat(128), tenant: 't'.repeat(64) };
    const images = TEN.map((imageId) => taskOf(record({ imageId, ...long }), 'a'.repeat(64)));
    // 256 KiB for the input of an execution and of each state (Step Functions quotas).
    expect(Buffer.byteLength(JSON.stringify({ schemaVersion: 1, images }))).toBeLessThan(262_144 / 8);
  });
});
