import { readFile } from 'node:fs/promises';
import type { ImageHeader } from '../../packages/types/src/image.ts';
import { developedKey } from '../../packages/types/src/keys.ts';
import { familySchema, ladder } from '../../packages/types/src/ladder.ts';
import { limits } from '../../packages/types/src/limits.ts';
import { type ImageTask, pixelSourceOf } from '../../packages/types/src/workflow.ts';
import { policyOf } from '../../packages/types/src/policies.ts';
import { localTags } from '../../services/metadata/src/adapters/local-tags.ts';
import { extractOffline } from '../support/extract-offline.ts';
import { localModel } from '../../services/validate/src/adapters/local-model.ts';
import { moderateImage } from '../../services/validate/src/core/moderate-image.ts';
import { validateImage } from '../../services/validate/src/core/validate-image.ts';
import { decodeHeic } from '../../services/variants/src/adapters/libheif/index.ts';
import { developHeic } from '../../services/variants/src/core/develop/develop-heic.ts';
import { renderFamily } from '../../services/variants/src/core/render-family.ts';
import { imageTask } from '../support/image-task.ts';
import { leaksIn } from './leaks.ts';
import type { Outcome } from './model.ts';
import { uprightFault } from './upright.ts';

export interface Processed {
  readonly outcome: Outcome;
  readonly headerBytes: number;
  readonly steps: Record<string, number>;
  readonly faults: string[];
}

interface Rendition {
  readonly data: Buffer;
  readonly format: 'avif' | 'webp' | 'jpeg';
}

/** What renditions carry besides pixels. */
const leaksOf = (renditions: ReadonlyMap<string, Rendition>): string[] =>
  [...renditions].flatMap(([key, { data, format }]) =>
    leaksIn(data, format).map((leak) => `${key.slice(key.lastIndexOf('/') + 1)} holds ${leak}`),
  );

/** A fault when the first JPEG among the renditions is not upright; all are made from the same pixels. */
const lyingOf = async (original: Buffer, header: ImageHeader, renditions: ReadonlyMap<string, Rendition>) => {
  const jpeg = [...renditions.values()].find(({ format }) => format === 'jpeg');
  const fault = jpeg && (await uprightFault({ original, header }, jpeg.data));
  return fault === undefined ? [] : [fault];
};

/** Everything that the workflow does with an accepted image, on memory in place of S3. Answers how many renditions there are. */
const develop = async (
  original: Buffer,
  { task, header }: { task: ImageTask; header: ImageHeader },
  step: <T>(name: string, run: () => Promise<T>) => Promise<T>,
) => {
  const objects = new Map([[task.key, original]]);
  const readObject = ({ key }: { key: string }) => Promise.resolve(objects.get(key) ?? Buffer.alloc(0));
  const putDeveloped = ({ key }: { key: string }, data: Buffer) => Promise.resolve(void objects.set(key, data));
  const renditions = new Map<string, Rendition>();
  if (pixelSourceOf(task, header).key === developedKey(task.imageId))
    await step('develop', () =>
      developHeic(
        { readOriginal: readObject, decodeHeic, putDeveloped, ladder, limits: limits.validate },
        { task, header },
      ),
    );
  const metadata = await step('metadata', () => extractOffline({ readObject, tag: localTags }, { task, header }));
  await step('moderation', () =>
    moderateImage({ readOriginal: readObject, moderator: localModel, policyOf }, { task, header, metadata }),
  );
  for (const family of familySchema.options)
    await step(family, () =>
      renderFamily(
        {
          readOriginal: readObject,
          putVariant: (key, data, format) => Promise.resolve(void renditions.set(key, { data, format })),
          ladder,
        },
        { task, header, metadata, family },
      ),
    );
  return renditions;
};

const outcomeOf = (error: unknown): Outcome =>
  error instanceof Error && error.name === 'ImageRejected' && 'code' in error
    ? { status: 'REJECTED', code: String(error.code) }
    : {
        status: 'FAILED',
        error: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : String(error),
      };

/** Runs one file through the real functions of the workflow and looks at what comes out. Never throws. */
export const processFile = async (path: string, { compare }: { compare: boolean }): Promise<Processed> => {
  const original = await readFile(path);
  const task = imageTask({ key: 'originals/sweep', bytes: original.length });
  const steps: Record<string, number> = {};
  let headerBytes = 0;
  const step = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await run();
    } finally {
      steps[name] = Math.round(performance.now() - started);
    }
  };
  const readRange = (_object: unknown, start: number, end: number) => {
    const bytes = original.subarray(start, end + 1);
    headerBytes += bytes.length;
    return Promise.resolve(bytes);
  };
  try {
    const verdict = await step('validate', () => validateImage({ readRange, limits }, task));
    if (verdict.verdict === 'rejected')
      return { outcome: { status: 'REJECTED', code: verdict.reason.code }, headerBytes, steps, faults: [] };
    const { header } = verdict;
    const renditions = await develop(original, { task, header }, step);
    const { format, width, height } = header;
    const outcome: Outcome = { status: 'READY', variants: renditions.size, format, megapixels: (width * height) / 1e6 };
    const lying = compare ? await lyingOf(original, header, renditions) : [];
    return { outcome, headerBytes, steps, faults: [...leaksOf(renditions), ...lying] };
  } catch (error) {
    return { outcome: outcomeOf(error), headerBytes, steps, faults: [] };
  }
};
