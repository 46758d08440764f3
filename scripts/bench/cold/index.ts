import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIMIT_PLAIN, LIMIT_WITH_SHARP } from '../../package/artifact.ts';
import { listServices, outputOf, packageService } from '../../package/sls.ts';
import { type Bench, median, rounded } from '../harness.ts';
import { type PackagedFunction, packagedFunctions } from './functions.ts';
import { type Cold, type Importable, importOnce } from './import-once.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** Processes for each function: the middle one of seven has seen the disk's cache, as the others have. */
const RUNS = 7;
/** Heap that a function without pixels may hold beyond the runtime's own, in bytes. */
const PLAIN_HEAP_BYTES = 15_000_000;
const MB = 1_000_000;

const middle = (runs: readonly Cold[]): Cold => ({
  milliseconds: median(runs.map(({ milliseconds }) => milliseconds)),
  heapBytes: median(runs.map(({ heapBytes }) => heapBytes)),
  rssBytes: median(runs.map(({ rssBytes }) => rssBytes)),
});

/** What every function that speaks to S3 loads at least: the SDK's client, as installed and not bundled. */
const floorOf = (service: string): Importable => {
  const folder = join(outputOf(root, service), 'cold');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'floor.mjs');
  writeFileSync(file, "import '@aws-sdk/client-s3';\n");
  return { file, environment: {} };
};

/** Time to import each function's module in a fresh process, the heap it holds then, and the size of its zip. */
export const cold: Bench = async ({ say }) => {
  const functions: PackagedFunction[] = [];
  for (const service of listServices(root)) {
    const { ok, output, seconds } = await packageService(root, service);
    if (!ok) throw new Error(`expected ${service} to be packaged but sls said: ${output}`);
    say(`packaged ${service} in ${seconds.toFixed(1)} s`);
    functions.push(...packagedFunctions(root, service));
  }
  const floor = floorOf('upload');
  const runs = new Map<Importable, Cold[]>([floor, ...functions].map((one) => [one, []]));
  // In turns, so that a machine that drifts drifts for all.
  for (let run = 0; run < RUNS; run++) for (const [one, seen] of runs) seen.push(await importOnce(one));
  const of = (one: Importable): Cold => middle(runs.get(one) ?? []);
  const plain = functions.filter(({ needsSharp }) => !needsSharp);
  const withSharp = functions.filter(({ needsSharp }) => needsSharp);
  const most = <T>(list: readonly T[], value: (one: T) => number): number => Math.max(0, ...list.map(value));
  const figures = ({ milliseconds, heapBytes, rssBytes }: Cold) => ({
    importMs: rounded(milliseconds),
    heapMegabytes: rounded(heapBytes / MB),
    rssMegabytes: rounded(rssBytes / MB),
  });
  return {
    input: { functions: functions.length, runs: RUNS },
    results: [
      { name: 'floor: @aws-sdk/client-s3', ...figures(of(floor)) },
      ...functions.map((one) => ({
        name: `${one.service}/${one.name}`,
        zipMegabytes: rounded(one.zipBytes / MB),
        ...figures(of(one)),
      })),
    ],
    ratios: {
      'import/sdk': rounded(most(plain, (one) => of(one).milliseconds) / of(floor).milliseconds),
      'heap/15MB': rounded(most(plain, (one) => of(one).heapBytes) / PLAIN_HEAP_BYTES),
      'zip/limit': rounded(most(plain, ({ zipBytes }) => zipBytes) / LIMIT_PLAIN),
      'zipSharp/limit': rounded(most(withSharp, ({ zipBytes }) => zipBytes) / LIMIT_WITH_SHARP),
    },
  };
};
