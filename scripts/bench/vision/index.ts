import { ladder, previewWidthOf } from '../../../packages/types/src/ladder.ts';
import { policyOf } from '../../../packages/types/src/policies.ts';
import { pixelSourceOf } from '../../../packages/types/src/workflow.ts';
import { localTags } from '../../../services/metadata/src/adapters/local-tags.ts';
import { decodeSmall } from '../../../services/metadata/src/core/extract/decode.ts';
import { leastSides } from '../../../services/metadata/src/core/extract/extract-metadata.ts';
import { extractOffline } from '../../support/extract-offline.ts';
import { glanceOf } from '../../../services/metadata/src/core/extract/travelling.ts';
import { localModel } from '../../../services/validate/src/adapters/local-model.ts';
import { moderateImage } from '../../../services/validate/src/core/moderate-image.ts';
import { type Bench, type Measurement, median, rounded } from '../harness.ts';
import { type Photograph, photographsIn } from './photographs.ts';

/** CPU of moderation and tags together for one photograph, in milliseconds. */
const BUDGET_MS = 250;
const WARM_UP = 3;
const ROUNDS = 9;

/** CPU that this process, with all its threads, spends on some work: milliseconds. */
const cpuOf = async <T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> => {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, ms: (user + system) / 1000 };
};

const extract = ({ readObject, task, header }: Photograph) =>
  extractOffline({ readObject, tag: localTags }, { task, header });

const moderate = ({ readObject, task, header }: Photograph, metadata: Awaited<ReturnType<typeof extract>>) =>
  moderateImage({ readOriginal: readObject, moderator: localModel, policyOf }, { task, header, metadata });

/** The two functions as the workflow runs them, one after the other. */
const look = async (photograph: Photograph) => {
  const metadata = await cpuOf(() => extract(photograph));
  const moderation = await cpuOf(() => moderate(photograph, metadata.result));
  return { metadata, moderation };
};

/** What ExtractMetadata would leave out without moderation and without tags, on the pixels that it decodes in any case. */
const extras = async ({ readObject, task, header }: Photograph) => {
  const source = pixelSourceOf(task, header);
  const bytes = await readObject(source);
  const { raster } = await decodeSmall(bytes, source.header, leastSides(previewWidthOf(ladder)));
  const glance = await cpuOf(() => glanceOf(raster));
  const tags = await cpuOf(() => localTags({ bytes, header: source.header, raster }));
  return { glanceMs: glance.ms, tagsMs: tags.ms };
};

const measure = async (photograph: Photograph): Promise<Measurement> => {
  const runs: Record<'moderation' | 'tags' | 'whole', number[]> = { moderation: [], tags: [], whole: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const { metadata, moderation } = await look(photograph);
    const { glanceMs, tagsMs } = await extras(photograph);
    runs.moderation.push(glanceMs + moderation.ms);
    runs.tags.push(tagsMs);
    runs.whole.push(metadata.ms + moderation.ms);
  }
  const { metadata, moderation } = await look(photograph);
  const { width, height } = photograph.header;
  const [moderationCpuMs, tagsCpuMs] = [median(runs.moderation), median(runs.tags)];
  return {
    name: photograph.name,
    megapixels: rounded((width * height) / 1e6),
    moderationCpuMs: rounded(moderationCpuMs),
    tagsCpuMs: rounded(tagsCpuMs),
    togetherCpuMs: rounded(moderationCpuMs + tagsCpuMs),
    wholeCpuMs: rounded(median(runs.whole)),
    concern: Math.max(...['porn', 'hentai', 'sexy'].map((name) => moderation.result.scores[name] ?? 0)),
    tags: (metadata.result.tags ?? []).map(({ name, score }) => `${name} ${score.toFixed(2)}`).join(', '),
  };
};

/**
 * CPU of moderation and tagging by the models in the functions, as the workflow runs them, in a warm process: what they add to
 * ExtractMetadata (the glance that travels, the detector) and ModerateImage; and the whole of both functions with the one decode.
 */
export const vision: Bench = async ({ images, say }) => {
  const photographs = await photographsIn(images);
  const [first] = photographs;
  if (first === undefined) throw new Error('expected at least one photograph that the workflow accepts');
  const cold = await cpuOf(() => look(first));
  for (let round = 0; round < WARM_UP; round += 1) await look(first);
  const results: Measurement[] = [];
  for (const photograph of photographs) {
    results.push(await measure(photograph));
    say(`${photograph.name} (${results.at(-1)?.['megapixels'] ?? 0} megapixels)`);
  }
  const columnOf = (name: string): number[] => results.map((one) => Number(one[name]));
  return {
    input: { photographs: photographs.length, rounds: ROUNDS, firstCpuMs: rounded(cold.ms), budgetMs: BUDGET_MS },
    results,
    ratios: {
      'cpu/budget': rounded(median(columnOf('togetherCpuMs')) / BUDGET_MS),
      'cpuWorst/budget': rounded(Math.max(...columnOf('togetherCpuMs')) / BUDGET_MS),
      'whole/budget': rounded(median(columnOf('wholeCpuMs')) / BUDGET_MS),
      'wholeWorst/budget': rounded(Math.max(...columnOf('wholeCpuMs')) / BUDGET_MS),
    },
  };
};
