import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { collectFiles } from '../../packages/cli/src/ingest/collect.ts';
import { samplesDir } from '../../packages/cli/src/paths.ts';
import { inspect } from '../../packages/imaging/src/header/inspect.ts';
import { openImage } from '../../packages/imaging/src/open.ts';
import { rgbPixels } from '../../packages/imaging/src/rgb-pixels.ts';
import { limits } from '../../packages/types/src/limits.ts';
import { policies } from '../../packages/types/src/policies.ts';
import { moderationSize } from '../../packages/vision/src/moderation.ts';
import { tagSizeOf } from '../../packages/vision/src/tags.ts';
import { localTags } from '../../services/metadata/src/adapters/local-tags.ts';
import { localModel } from '../../services/validate/src/adapters/local-model.ts';
import type { Picture } from '../../services/validate/src/ports.ts';
import { type Bench, type Measurement, median, rounded } from './harness.ts';

/** CPU of moderation and tags together for one photograph, in milliseconds. */
const BUDGET_MS = 250;
const WARM_UP = 3;
const ROUNDS = 9;
/** What a phone makes. */
const PHONE = { width: 4032, height: 3024 };

interface Photograph extends Picture {
  readonly name: string;
  readonly megapixels: number;
}

const photographOf = (name: string, bytes: Buffer): Photograph | undefined => {
  const parsed = inspect(bytes, bytes.length, limits.validate);
  if (parsed.kind !== 'header' || parsed.header.format === 'heic') return undefined;
  const { header } = parsed;
  return { name, bytes, header, megapixels: rounded((header.width * header.height) / 1e6) };
};

/** A sample at the size of a phone's photograph: mirrored at its edges, so that it keeps its detail and its cost. */
const phoneSized = async ({ name, bytes, header }: Photograph): Promise<Photograph | undefined> => {
  const { data, info } = await openImage(bytes, header).autoOrient().toBuffer({ resolveWithObject: true });
  const [right, bottom] = [Math.max(0, PHONE.width - info.width), Math.max(0, PHONE.height - info.height)];
  const large = await openImage(data, { ...header, progressive: false })
    .extend({ right, bottom, extendWith: 'mirror' })
    .jpeg({ quality: 88 })
    .toBuffer();
  return photographOf(name, large);
};

const photographsIn = async (folder: string | undefined): Promise<Photograph[]> => {
  const files = await collectFiles([folder ?? samplesDir]);
  const read = await Promise.all(files.map(async ({ path }) => photographOf(basename(path), await readFile(path))));
  const found = read.filter((one) => one !== undefined);
  if (folder !== undefined) return found;
  return (await Promise.all(found.map(phoneSized))).filter((one) => one !== undefined);
};

/** CPU that this process, with all its threads, spends on some work: milliseconds. */
const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const decodeBoth = async ({ bytes, header }: Picture): Promise<void> => {
  await rgbPixels(openImage(bytes, header), moderationSize);
  const image = openImage(bytes, header);
  await rgbPixels(image, tagSizeOf((await image.metadata()).autoOrient));
};

const measure = async (photograph: Photograph): Promise<Measurement> => {
  const { moderation: policy } = policies.default;
  const runs: Record<'moderation' | 'tags' | 'decoding', number[]> = { moderation: [], tags: [], decoding: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.moderation.push(await cpuOf(() => localModel(photograph, policy)));
    runs.tags.push(await cpuOf(() => localTags(photograph)));
    runs.decoding.push(await cpuOf(() => decodeBoth(photograph)));
  }
  const moderationCpuMs = median(runs.moderation);
  const tagsCpuMs = median(runs.tags);
  const { concern } = await localModel(photograph, policy);
  return {
    name: photograph.name,
    megapixels: photograph.megapixels,
    moderationCpuMs: rounded(moderationCpuMs),
    tagsCpuMs: rounded(tagsCpuMs),
    togetherCpuMs: rounded(moderationCpuMs + tagsCpuMs),
    decodingCpuMs: rounded(median(runs.decoding)),
    concern: Math.round(concern * 1000) / 1000,
    tags: (await localTags(photograph)).map(({ name, score }) => `${name} ${score.toFixed(2)}`).join(', '),
  };
};

/**
 * CPU of moderation and tagging by the models in the functions, each with the decode of its own, in a warm process. Without `--images`
 * on the samples at twelve megapixels.
 */
export const vision: Bench = async ({ images, say }) => {
  const photographs = await photographsIn(images);
  const [first] = photographs;
  if (first === undefined) throw new Error('expected at least one photograph that sharp decodes');
  const { moderation: policy } = policies.default;
  const cold = await cpuOf(async () => {
    await localModel(first, policy);
    await localTags(first);
  });
  for (let round = 0; round < WARM_UP; round += 1) await Promise.all([localModel(first, policy), localTags(first)]);
  const results: Measurement[] = [];
  for (const photograph of photographs) {
    results.push(await measure(photograph));
    say(`${photograph.name} (${photograph.megapixels} megapixels)`);
  }
  const together = results.map(({ togetherCpuMs }) => Number(togetherCpuMs));
  return {
    input: { photographs: photographs.length, rounds: ROUNDS, firstCpuMs: rounded(cold), budgetMs: BUDGET_MS },
    results,
    ratios: {
      'cpu/budget': rounded(median(together) / BUDGET_MS),
      'cpuWorst/budget': rounded(Math.max(...together) / BUDGET_MS),
    },
  };
};
