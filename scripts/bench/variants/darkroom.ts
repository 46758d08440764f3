import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ladder } from '../../../packages/types/src/ladder.ts';
import { pictureOf } from '../../../services/variants/src/core/plan.ts';
import { fileFor, planFamily } from '../../../services/variants/src/core/render-family.ts';
import { masterPixels, renderSet } from '../../../services/variants/src/core/render.ts';
import { BACKGROUND, type Make, type ReadPhoto } from './job.ts';
import { type FileToMake, settingsOf } from './settings.ts';

const sourceOf = async ({ path, header, metadata }: ReadPhoto, pixels: { width: number; height: number }) => ({
  ...(await fileFor(
    () => readFile(path),
    { object: { imageId: '', bucket: '', key: path }, header, metadata },
    pixels,
  )),
  background: BACKGROUND,
  difficulty: metadata.difficulty,
  wideGamut: metadata.wideGamut,
});

/**
 * One family, by the functions that run in Lambda: its own read and its own decode, but where what ExtractMetadata sends along holds
 * all the pixels; its own files.
 */
export const make: Make = async ({ photo, family, out }) => {
  if (family === undefined) throw new Error('expected a family to render but received none');
  const renditions = planFamily(ladder, pictureOf(ladder, photo, photo.header), family);
  const source = await sourceOf(photo, masterPixels(renditions));
  return renderSet({ source, renditions, ladder }, async (rendition, data, quality): Promise<FileToMake> => {
    await writeFile(join(out, `${family}-${rendition.width}-${rendition.tier}.${rendition.format}`), data);
    return { ...rendition.pixels, settings: settingsOf({ ...rendition, quality }, ladder) };
  });
};
