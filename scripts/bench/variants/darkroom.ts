import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ladder } from '../../../packages/types/src/ladder.ts';
import { renderFamilyBytes } from '../../../services/variants/src/core/render-family.ts';
import { BACKGROUND, type Make } from './job.ts';
import { settingsOf } from './settings.ts';

/** One family, by the function that runs in Lambda: its own read, its own decode, its own files. */
export const make: Make = async ({ photo, family, out }) => {
  if (family === undefined) throw new Error('expected a family to render but received none');
  const source = { original: await readFile(photo.path), header: photo.header, background: BACKGROUND };
  const rendered = await renderFamilyBytes(source, photo, { ladder, family });
  await Promise.all(
    rendered.map(({ rendition, data }, index) => writeFile(join(out, `${family}-${index}.${rendition.format}`), data)),
  );
  return rendered.map(({ rendition }) => ({ ...rendition.pixels, settings: settingsOf(rendition, ladder) }));
};
