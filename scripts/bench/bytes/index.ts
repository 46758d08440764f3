import { collectFiles } from '../../../packages/cli/src/ingest/collect.ts';
import { samplesDir } from '../../../packages/cli/src/paths.ts';
import sharp from 'sharp';
import type { Bench, Measurement } from '../harness.ts';
import { rounded } from '../harness.ts';
import { atLikeness, atQuality, fixedQuality, percentile } from './curve.ts';
import { type Sample, samplesOf } from './measure.ts';

/** The share of pictures that one fixed quality may leave below the likeness. */
const WORST = 0.05;

const sum = (samples: readonly Sample[], figure: (sample: Sample) => number): number =>
  samples.reduce((total, sample) => total + figure(sample), 0);
const mean = (samples: readonly Sample[], figure: (sample: Sample) => number): number =>
  sum(samples, figure) / samples.length;
const kilobytes = (bytes: number): number => rounded(bytes / 1000);

/** Bytes and CPU per photograph and width, as one line of the table. */
const lines =
  (samples: readonly Sample[]) =>
  (name: string, bytes: (sample: Sample) => number, more: Record<string, number> = {}): Measurement => ({
    name,
    files: samples.length,
    kilobytes: kilobytes(sum(samples, bytes)),
    ...more,
  });

const linesOf = (samples: readonly Sample[]): Measurement[] => {
  const worst = percentile(
    samples.map(({ chosen }) => chosen.likeness),
    WORST,
  );
  const fixed = fixedQuality(
    samples.map(({ avif }) => avif),
    worst,
    WORST,
  );
  const line = lines(samples);
  return [
    line('darkroom', ({ chosen }) => chosen.bytes, {
      meanLikeness: rounded(mean(samples, ({ chosen }) => chosen.likeness)),
      worst5Likeness: rounded(worst),
      meanQuality: rounded(mean(samples, ({ chosen }) => chosen.quality)),
      cpuMilliseconds: rounded(sum(samples, ({ chosen }) => chosen.cpu)),
    }),
    line('avif fixed', ({ avif }) => atQuality(avif, fixed).bytes, { quality: fixed }),
    line('avif ideal', ({ avif }) => atLikeness(avif, worst).bytes, { likeness: rounded(worst) }),
    line('webp q75 e4', ({ webp }) => webp.bytes, {
      meanLikeness: rounded(mean(samples, ({ webp }) => webp.likeness)),
      cpuMilliseconds: rounded(sum(samples, ({ webp }) => webp.cpu)),
    }),
    line('avif as webp', ({ avif, webp }) => atLikeness(avif, webp.likeness).bytes),
    line('jpeg as webp', ({ jpeg, webp }) => atLikeness(jpeg, webp.likeness).bytes),
    line('mozjpeg as webp', ({ mozjpeg, webp }) => atLikeness(mozjpeg, webp.likeness).bytes),
  ];
};

const ratiosOf = (samples: readonly Sample[]): Record<string, number> => {
  const worst = percentile(
    samples.map(({ chosen }) => chosen.likeness),
    WORST,
  );
  const fixed = fixedQuality(
    samples.map(({ avif }) => avif),
    worst,
    WORST,
  );
  const alike = sum(samples, ({ avif, webp }) => atLikeness(avif, webp.likeness).bytes);
  return {
    'bytes/webp': rounded(alike / sum(samples, ({ webp }) => webp.bytes)),
    'bytes/jpeg': rounded(alike / sum(samples, ({ jpeg, webp }) => atLikeness(jpeg, webp.likeness).bytes)),
    'bytes/mozjpeg': rounded(alike / sum(samples, ({ mozjpeg, webp }) => atLikeness(mozjpeg, webp.likeness).bytes)),
    'bytes/fixed': rounded(
      sum(samples, ({ chosen }) => chosen.bytes) / sum(samples, ({ avif }) => atQuality(avif, fixed).bytes),
    ),
    'cpu/webp': rounded(sum(samples, ({ chosen }) => chosen.cpu) / sum(samples, ({ webp }) => webp.cpu)),
  };
};

/**
 * Bytes at equal likeness (SSIMULACRA 2) of the normal tier's eager AVIFs. `bytes/webp` and `/jpeg`: all brought to the likeness that
 * WebP of quality 75, effort 4 has for the same pixels. `bytes/fixed`: Darkroom's own files against one AVIF quality for all, whose worst
 * twentieth is as good as Darkroom's. `cpu/webp`: Darkroom's encoder, as it runs, against WebP's.
 */
export const bytes: Bench = async ({ images, say }) => {
  sharp.concurrency(1);
  sharp.cache(false);
  const files = await collectFiles([images ?? samplesDir]);
  const samples: Sample[] = [];
  let photographs = 0;
  for (const [index, { path }] of files.entries()) {
    const found = await samplesOf(path).catch((error: unknown) => {
      say(`${path}: ${String(error)}`);
      return [];
    });
    if (found.length > 0) photographs++;
    samples.push(...found);
    say(`${String(index + 1)} of ${String(files.length)}`);
  }
  if (samples.length === 0) throw new Error('expected a folder with photographs but found none that can be decoded');
  const widths = [...new Set(samples.map(({ width }) => width))].sort((a, b) => a - b);
  const byWidth = widths.flatMap((width) =>
    linesOf(samples.filter((sample) => sample.width === width)).map(({ name, ...figures }) => ({
      name: `${String(width)} ${name}`,
      ...figures,
    })),
  );
  return {
    input: { photographs, renditions: samples.length, widths: widths.join(' ') },
    results: [...linesOf(samples), ...byWidth],
    ratios: ratiosOf(samples),
  };
};
