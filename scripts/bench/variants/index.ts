import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samplesDir } from '../../../packages/cli/src/paths.ts';
import { familySchema } from '../../../packages/types/src/ladder.ts';
import { type Bench, rounded } from '../harness.ts';
import { lineOf, ratioOf, type Sample } from './aggregate.ts';
import type { Done, Job, ReadPhoto } from './job.ts';
import { photosIn, readPhoto, spread } from './photos.ts';
import { startWorker, type Worker } from './pool.ts';
import { scaleOf } from './scale.ts';
import type { FileToMake } from './settings.ts';
import { vipsthumbnailVersion } from './vipsthumbnail.ts';

const families = familySchema.options;
type Families = readonly { readonly family: (typeof families)[number]; readonly worker: Worker }[];

/** A photograph made by all three functions: what each took, and the wall's time of the whole. */
interface Developed {
  readonly wallSeconds: number;
  readonly branches: readonly Done[];
}

const timed = async (work: () => Promise<readonly Done[]>): Promise<Developed> => {
  const began = performance.now();
  const branches = await work();
  return { branches, wallSeconds: (performance.now() - began) / 1000 };
};

const oneByOne = async (workers: Families, job: Omit<Job, 'family'>): Promise<readonly Done[]> => {
  const branches: Done[] = [];
  for (const { family, worker } of workers) branches.push(await worker.run({ ...job, family }));
  return branches;
};

const sideBySide = (workers: Families, job: Omit<Job, 'family'>): Promise<readonly Done[]> =>
  Promise.all(workers.map(({ family, worker }) => worker.run({ ...job, family })));

const sumOf = (
  subject: string,
  { branches, wallSeconds }: Developed,
  at: { photo: string; round: number },
): Sample => ({
  ...at,
  subject,
  wallSeconds,
  cpuSeconds: branches.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  // Each function has a machine of its own: the largest of them is what one must hold.
  peakBytes: Math.max(...branches.map(({ peakBytes = 0 }) => peakBytes)),
});

/** Ratios by their names; those without a peer on this machine are left out. */
const ratiosOf = (samples: readonly Sample[]): Record<string, number> => {
  const pairs = {
    'cpu/floor': ratioOf(samples, 'cpuSeconds', ['darkroom', 'floor']),
    'cpu/vipsthumbnail': ratioOf(samples, 'cpuSeconds', ['darkroom', 'vipsthumbnail']),
    'cpu/naive': ratioOf(samples, 'cpuSeconds', ['darkroom', 'naive']),
    'wall/serial': ratioOf(samples, 'wallSeconds', ['darkroom, side by side', 'darkroom']),
  };
  return Object.fromEntries(
    Object.entries(pairs).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
};

class Run {
  readonly samples: Sample[] = [];
  files = 0;
  readonly #out: string;
  readonly #families: Families = families.map((family) => ({ family, worker: startWorker('darkroom') }));
  readonly #peers = new Map<'floor' | 'naive' | 'vipsthumbnail', Worker>();

  constructor(out: string, withVipsthumbnail: boolean) {
    this.#out = out;
    for (const peer of ['floor', 'naive'] as const) this.#peers.set(peer, startWorker(peer));
    if (withVipsthumbnail) this.#peers.set('vipsthumbnail', startWorker('vipsthumbnail'));
  }

  /** Every process makes a picture before anything is measured: loading sharp is not what is measured. */
  async warm(photo: ReadPhoto): Promise<void> {
    const branches = await sideBySide(this.#families, { photo, out: this.#out, files: [] });
    const files = branches.flatMap((branch) => branch.files).slice(0, 2);
    for (const worker of this.#peers.values()) await worker.run({ photo, out: this.#out, files });
  }

  /** One photograph by each subject in turn. */
  async photo(photo: ReadPhoto, round: number, withNaive: boolean): Promise<void> {
    const at = { photo: photo.path, round };
    const job = { photo, out: this.#out, files: [] };
    const serial = await timed(() => oneByOne(this.#families, job));
    const files = serial.branches.flatMap((branch) => branch.files);
    if (round === 1) this.files += files.length;
    this.samples.push(sumOf('darkroom', serial, at));
    for (const [index, branch] of serial.branches.entries())
      this.samples.push({ ...at, ...branch, subject: `darkroom/${families[index]}` });
    await this.#peer('floor', at, { photo, files });
    this.samples.push(sumOf('darkroom, side by side', await timed(() => sideBySide(this.#families, job)), at));
    await this.#peer('vipsthumbnail', at, { photo, files });
    if (withNaive) await this.#peer('naive', at, { photo, files });
  }

  stop(): void {
    for (const { worker } of this.#families) worker.stop();
    for (const worker of this.#peers.values()) worker.stop();
  }

  async #peer(
    subject: 'floor' | 'naive' | 'vipsthumbnail',
    at: { photo: string; round: number },
    { photo, files }: { photo: ReadPhoto; files: readonly FileToMake[] },
  ): Promise<void> {
    const worker = this.#peers.get(subject);
    if (worker === undefined) return;
    this.samples.push({ ...at, ...(await worker.run({ photo, files, out: this.#out })), subject });
  }
}

/**
 * CPU seconds and memory of making every eager file of the ladder, by the three functions as they are, each with its own decode where
 * the preview that ExtractMetadata sends along (made of a decode that it needs in any case, for 4 ms more) is too small for it,
 * against the same files by bare sharp from one decode (`floor`), by `vipsthumbnail` and by a naive design; and what running the
 * three side by side saves in time.
 */
export const variants: Bench = async ({ images, say }) => {
  const scale = scaleOf(process.env['VARIANTS']);
  const found = await photosIn(images ?? samplesDir);
  const photos = await Promise.all(spread(found, scale.photos).map(readPhoto));
  const [first] = photos;
  if (first === undefined) throw new Error(`expected photographs in ${images ?? samplesDir} but found none`);
  const version = vipsthumbnailVersion();
  say(version === undefined ? 'vipsthumbnail is not installed: its ratio is left out' : `vipsthumbnail: ${version}`);
  const naive = new Set(scale.naive === 0 ? [] : spread(photos, scale.naive));
  const out = await mkdtemp(join(tmpdir(), 'darkroom-variants-'));
  const run = new Run(out, version !== undefined);
  try {
    await run.warm(first);
    for (let round = 1; round <= scale.rounds; round++) {
      for (const photo of photos) await run.photo(photo, round, round === 1 && naive.has(photo));
      say(`round ${round}/${scale.rounds}: cpu/floor ${ratiosOf(run.samples)['cpu/floor']}`);
    }
  } finally {
    run.stop();
    await rm(out, { recursive: true, force: true });
  }
  const subjects = [...new Set(run.samples.map(({ subject }) => subject))];
  const megapixels = photos.reduce((sum, { width, height }) => sum + width * height, 0) / 1e6;
  return {
    input: {
      found: found.length,
      photos: photos.length,
      megapixels: rounded(megapixels),
      files: run.files,
      rounds: scale.rounds,
      vipsthumbnail: version ?? 'not installed',
    },
    results: subjects.map((subject) => lineOf(run.samples, subject)),
    ratios: ratiosOf(run.samples),
  };
};
