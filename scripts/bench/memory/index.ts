import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '../../../packages/types/src/limits.ts';
import { type Bench, rounded } from '../harness.ts';
import { lineOf, ratiosOf, type Sample } from './aggregate.ts';
import { type Measured, measuredNames, memorySizeOf } from './functions.ts';
import { type Input, inputsOf, kinds } from './kinds.ts';
import { makeInput } from './make-input.ts';

interface Probed {
  readonly baseBytes: number;
  readonly peakBytes: number;
  readonly error?: string;
}

/** Runs one function on one file in a process of its own. Throws Error when the process ends without an answer. */
const probe = async (name: Measured, path: string): Promise<Probed> => {
  // What sharp's libvips wrote into this environment is not the function's.
  const { VIPSHOME: _, ...own } = process.env;
  const child = fork(fileURLToPath(new URL('probe.ts', import.meta.url)), [name, path], {
    env: { ...own, NODE_NO_WARNINGS: '1', VIPS_BLOCK_UNTRUSTED: '1' },
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`expected ${name} to end with ${path} but its process died`);
  });
  const [probed] = (await Promise.race([once(child, 'message'), ended])) as [Probed];
  child.disconnect();
  await ended.catch(() => undefined);
  return probed;
};

/** All functions on one input; what cannot be made or is refused is said and left out. */
const measure = async (input: Input, dir: string, say: (line: string) => void): Promise<Sample[]> => {
  const megapixels = rounded((input.width * input.height) / 1e6);
  const path = await makeInput(input, join(dir, 'input'));
  const { size } = await stat(path);
  say(`${input.kind}, ${megapixels} MP, ${rounded(size / 1e6)} MB`);
  const samples: Sample[] = [];
  for (const name of measuredNames) {
    const { error, ...bytes } = await probe(name, path);
    if (error === undefined) samples.push({ name, input, ...bytes, memorySize: memorySizeOf(name) });
    else say(`  ${name}: ${error}`);
  }
  await rm(path, { force: true });
  return samples;
};

/** Peak memory of every function that sees an original, by kind and size of the original, each in a fresh process. */
export const memory: Bench = async ({ say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-memory-'));
  try {
    const samples: Sample[] = [];
    const inputs = kinds.flatMap((kind) => inputsOf(kind, limits.validate));
    for (const input of inputs) samples.push(...(await measure(input, dir, say)));
    return {
      input: { kinds: kinds.length, inputs: inputs.length, measurements: samples.length },
      results: samples.map(lineOf),
      ratios: ratiosOf(samples),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};
