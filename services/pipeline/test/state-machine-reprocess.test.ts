import { createRequire } from 'node:module';
import { type StoreInput, storeInputSchema, variantsInputSchema, workflowOutputSchema } from '@darkroom/types/workflow';
import { StateMachine } from 'aws-local-stepfunctions';
import { planRedevelop } from '../src/core/redevelop-plan.ts';
import { developedBy } from './support/developed.ts';
import { nthId } from './support/fixtures.ts';
import { readReprocessMachine } from './support/machine.ts';

const definition = readReprocessMachine();
const machine = new StateMachine(definition);
type Handler = (input: never) => unknown;

const play = async (count: number, changes: Record<string, Handler> = {}) => {
  const stored: StoreInput[] = [];
  const rendered: string[] = [];
  const render = (raw: unknown) => {
    const { family, metadata } = variantsInputSchema.parse(raw);
    rendered.push(`${family} ${metadata.version}`);
    return { family, variants: [] };
  };
  const handlers: Record<string, Handler> = {
    CreateThumbnail: render,
    CreateWebOptimized: render,
    CreateMobileOptimized: render,
    StoreResults: (raw: unknown) => {
      const input = storeInputSchema.parse(raw);
      stored.push(input);
      return { imageId: input.task.imageId, status: 'READY' };
    },
    ...changes,
  };
  const images = Array.from({ length: count }, (_, n) => planRedevelop(developedBy(1, { imageId: nthId(n) }), 2));
  const { result } = machine.run(JSON.parse(JSON.stringify({ images })), {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        Object.entries(handlers).map(([name, handler]) => [name, async (input) => handler(input as never) as never]),
      ),
      retryIntervalOverrides: Object.fromEntries(Object.keys(handlers).map((name) => [name, 0])),
    },
  });
  return { output: workflowOutputSchema.parse(await result), stored, rendered, images };
};

const crash = (name: string) => () => {
  throw Object.assign(new Error(name), { name });
};

describe('the state machine of redevelopment', () => {
  it('is valid Amazon States Language, as sls package checks it', () => {
    const validate = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
      isValid: boolean;
      errorsText: () => string;
    };
    const { isValid, errorsText } = validate(definition);
    expect(isValid ? '' : errorsText()).toBe('');
  });

  it('renders the three families under the new version, then swaps', async () => {
    const { output, stored, rendered, images } = await play(3);
    expect(output).toEqual([0, 1, 2].map((n) => ({ imageId: nthId(n), status: 'READY' })));
    const [first] = images;
    expect(rendered).toHaveLength(9);
    expect(new Set(rendered.map((line) => line.split(' ')[1]))).toEqual(new Set([first?.metadata.version]));
    expect(stored[0]).toMatchObject({ outcome: 'redeveloped', replaces: first?.replaces, metadata: first?.metadata });
  });

  it.each(['CreateThumbnail', 'CreateWebOptimized', 'CreateMobileOptimized'])(
    'gives an image back, and stores nothing, when %s fails in whatever way',
    async (state) => {
      for (const error of ['ImageRejected', 'Runtime.ExitError', 'TransientError']) {
        const { output, stored } = await play(1, { [state]: crash(error) });
        expect(output).toEqual([{ imageId: nthId(0), status: 'RETRY' }]);
        expect(stored).toEqual([]);
      }
    },
  );

  it('gives an image back when the swap cannot be stored, after four tries', async () => {
    let calls = 0;
    const { output } = await play(1, {
      StoreResults: () => {
        calls += 1;
        throw new Error('away');
      },
    });
    expect(output).toEqual([{ imageId: nthId(0), status: 'RETRY' }]);
    expect(calls).toBe(4);
  });

  it('lets the others of a batch not notice', async () => {
    const { output } = await play(5, {
      CreateThumbnail: (input: { task: { imageId: string } }) => {
        if (input.task.imageId === nthId(2)) throw new Error('broken');
        return { family: 'thumbnail', variants: [] };
      },
    });
    expect(output.map(({ status }) => status)).toEqual(['READY', 'READY', 'RETRY', 'READY', 'READY']);
  });
});
