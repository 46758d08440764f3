import { dictOf, isDict, listOf } from '../../stack/values.ts';
import { argumentsOf, effectiveInput, evaluate, numberField, pathData } from './dataflow.ts';
import { runtimeFailure, StateFailure } from './failure.ts';
import { flowOf, type Frame, languageOf, type Scope } from './frame.ts';
import { applyTemplate } from './intrinsics.ts';
import { valueAt } from './path.ts';

/** Inline Map runs at most 40 iterations at a time, whatever MaxConcurrency says (AWS documentation, Inline mode). */
const INLINE_CONCURRENCY = 40;

/** Runs work whose parts all end when one of them fails. */
async function together<T>(scope: Scope, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  try {
    return await work(AbortSignal.any([scope.signal, controller.signal]));
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}

function innerScope(frame: Frame, signal: AbortSignal): Scope {
  return { ...frame.scope, signal, variables: frame.scope.variables, language: frame.scope.language };
}

/** All branches at once on the same input; the outputs in the order of the branches. */
export async function runParallel(frame: Frame): Promise<unknown[]> {
  const input = await argumentsOf(frame);
  const { runFlow } = frame.scope.run;
  const branches = listOf(frame.state.Branches).map(flowOf);
  return together(frame.scope, (signal) =>
    Promise.all(branches.map((branch) => runFlow(branch, input, innerScope(frame, signal)))),
  );
}

async function itemsOf(frame: Frame): Promise<unknown[]> {
  const input = effectiveInput(frame);
  const { ItemsPath: path = '$', Items: given } = frame.state;
  const items =
    frame.language === 'JSONata'
      ? given === undefined
        ? input
        : await evaluate(frame, given, { field: 'Items' })
      : valueAt(String(path), pathData(frame, input), 'ItemsPath');
  if (Array.isArray(items)) return items as unknown[];
  throw runtimeFailure(`Reference path "${String(path)}" must point to array.`);
}

/** ItemSelector, or Parameters in its older form: the input of one iteration. */
async function itemInput(frame: Frame, index: number, value: unknown): Promise<unknown> {
  const selector = frame.state.ItemSelector ?? (frame.language === 'JSONPath' ? frame.state.Parameters : undefined);
  if (selector === undefined) return value;
  const context = { ...frame.context, Map: { Item: { Index: index, Value: value } } };
  const inner = { ...frame, context };
  if (frame.language === 'JSONPath') return applyTemplate(selector, pathData(inner, effectiveInput(frame)));
  return evaluate(inner, selector, { field: 'ItemSelector' });
}

/** Counts failures of a distributed Map and says when there are too many. */
async function tolerance(frame: Frame, total: number): Promise<(failure: unknown) => void> {
  const count = await numberField(frame, 'ToleratedFailureCount');
  const percentage = await numberField(frame, 'ToleratedFailurePercentage');
  const tolerated = Math.max(count ?? 0, ((percentage ?? 0) / 100) * total);
  let failures = 0;
  return (failure) => {
    failures += 1;
    if (tolerated === 0 || !(failure instanceof StateFailure)) throw failure;
    if (failures > tolerated)
      throw new StateFailure(
        'States.ExceedToleratedFailureThreshold',
        `${String(failures)} of ${String(total)} failed.`,
      );
  };
}

/** One iteration an item, in order of their places; outputs in the same order. */
export async function runMap(frame: Frame): Promise<unknown[]> {
  const items = await itemsOf(frame);
  const processor = frame.state.ItemProcessor ?? frame.state.Iterator;
  const isDistributed = isDict(processor) && dictOf(processor.ProcessorConfig).Mode === 'DISTRIBUTED';
  const asked = (await numberField(frame, 'MaxConcurrency')) ?? 0;
  const limit = isDistributed ? Infinity : INLINE_CONCURRENCY;
  const workers = Math.min(asked === 0 ? limit : asked, limit, items.length);
  const failed = isDistributed
    ? await tolerance(frame, items.length)
    : (failure: unknown): void => {
        throw failure;
      };
  const flow = flowOf(processor);
  const outputs: unknown[] = Array.from({ length: items.length }, () => null);
  const { run, language } = frame.scope;

  await together(frame.scope, async (signal) => {
    const iterate = async (index: number): Promise<void> => {
      const value = items[index];
      run.emit({ type: 'MapIterationStarted', details: { name: frame.name, index } });
      const map = { Item: { Index: index, Value: value } };
      const scope = { ...innerScope(frame, signal), map, language: languageOf(dictOf(processor), language) };
      outputs[index] = await run.runFlow(flow, await itemInput(frame, index, value), scope);
      run.emit({ type: 'MapIterationSucceeded', details: { name: frame.name, index } });
    };
    const entries = items.keys();
    const worker = async (): Promise<void> => {
      for (const index of entries) {
        try {
          await iterate(index);
        } catch (error) {
          signal.throwIfAborted();
          failed(error);
        }
      }
    };
    await Promise.all(Array.from({ length: workers }, worker));
  });
  return outputs;
}
