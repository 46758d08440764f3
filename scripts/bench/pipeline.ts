import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { collectFiles, type SourceFile } from '../../packages/cli/src/ingest/collect.ts';
import { openJournal } from '../../packages/cli/src/ingest/journal.ts';
import type { IngestReport } from '../../packages/cli/src/ingest/report.ts';
import { ingest } from '../../packages/cli/src/ingest/run.ts';
import { samplesDir } from '../../packages/cli/src/paths.ts';
import { ensureSystem } from '../../packages/cli/src/system/start.ts';
import { type BareMode, type BareVariant, runBare } from './bare.ts';
import { type Bench, median, rounded } from './harness.ts';

/** Fewest files of a round: fewer, and start and end of the run weigh more than its middle. */
const FILES = 60;
/** Rounds, each of the pipeline and both bare loops in turn, so that a drifting machine hits all alike. */
const ROUNDS = 3;

/** Copies of the photographs under names of their own, until there are enough: the pipeline takes each for a new upload. */
const prepareFiles = async (source: readonly SourceFile[], dir: string): Promise<SourceFile[]> => {
  await mkdir(dir);
  const wanted = Math.max(FILES, source.length);
  const copies = Array.from({ length: wanted }, async (_, index) => {
    const original = source[index % source.length];
    if (original === undefined) throw new Error('expected at least one photograph');
    const path = join(dir, `${String(index).padStart(4, '0')}${extname(original.path)}`);
    await copyFile(original.path, path);
    return path;
  });
  return collectFiles(await Promise.all(copies));
};

const variantsOf = (report: IngestReport): Map<string, BareVariant[]> =>
  new Map(
    report.results.map(({ file, variants }) => [
      file,
      variants.map(({ url, width, height }) => ({ key: new URL(url).pathname.slice(1), width, height })),
    ]),
  );

const runPipeline = async (files: readonly SourceFile[], dir: string): Promise<IngestReport> => {
  const data = join(dir, 'data');
  const system = await ensureSystem({ data, port: 0, apiPort: 0, cdnPort: 0 });
  const options = {
    api: system.run.api,
    token: system.run.token,
    journal: openJournal(data),
    concurrency: 6,
    patienceSeconds: 120,
    // Copies under names of their own are images of their own here.
    duplicates: 'each' as const,
  };
  try {
    // The functions' cold starts are over once a few images went through.
    await ingest(await collectFiles([samplesDir]), options);
    return await ingest(files, options);
  } finally {
    await system.stop();
    await rm(data, { recursive: true, force: true });
  }
};

/**
 * Images per second through the whole system, upload to READY, against a bare sharp loop that makes the same variants of the
 * same files on the same cores: `bare`, one pipeline a variant from the source, and `bareDecodeOnce`, the lowest floor there is.
 */
export const pipeline: Bench = async ({ images, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'));
  try {
    const source = await collectFiles([images ?? samplesDir]);
    const files = await prepareFiles(source, join(dir, 'files'));
    const seconds: Record<'pipeline' | BareMode, number[]> = { pipeline: [], fromSource: [], decodeOnce: [] };
    let ready = 0;
    let variants = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const report = await runPipeline(files, join(dir, `round-${round}`));
      const made = variantsOf(report);
      const developed = files
        .map(({ path, name }) => ({ path, variants: made.get(name) ?? [] }))
        .filter((file) => file.variants.length > 0);
      ready = report.ready;
      variants = developed.reduce((sum, file) => sum + file.variants.length, 0);
      seconds.pipeline.push(report.seconds);
      for (const mode of ['fromSource', 'decodeOnce'] as const) seconds[mode].push(await runBare(developed, mode));
      say(
        `round ${round}/${ROUNDS}: pipeline ${report.seconds.toFixed(1)} s, bare ${seconds.fromSource.at(-1)?.toFixed(1)} s, decode once ${seconds.decodeOnce.at(-1)?.toFixed(1)} s`,
      );
    }
    const megabytes = files.reduce((sum, { size }) => sum + size, 0) / 1e6;
    const figures = (name: string, of: readonly number[]) => ({
      name,
      imagesPerSecond: rounded(ready / median(of)),
      seconds: rounded(median(of)),
    });
    return {
      input: { files: files.length, ready, variants, megabytes: rounded(megabytes), rounds: ROUNDS },
      results: [
        figures('pipeline', seconds.pipeline),
        figures('bare', seconds.fromSource),
        figures('bareDecodeOnce', seconds.decodeOnce),
      ],
      ratios: {
        'pipeline/bare': rounded(median(seconds.fromSource) / median(seconds.pipeline)),
        'pipeline/bareDecodeOnce': rounded(median(seconds.decodeOnce) / median(seconds.pipeline)),
      },
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};
