import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { inspect } from '../../../packages/imaging/src/header/inspect.ts';
import { limits } from '../../../packages/types/src/limits.ts';
import { extractOffline } from '../../support/extract-offline.ts';
import { imageTask } from '../../support/image-task.ts';
import type { Photo, ReadPhoto } from './job.ts';

/** A photograph when the file is one that Darkroom takes, judged by its bytes; undefined for all else. */
const photoOf = async (path: string): Promise<Photo | undefined> => {
  const bytes = await readFile(path);
  const parsed = inspect(bytes, bytes.length, limits.validate);
  if (parsed.kind !== 'header') return undefined;
  try {
    const image = sharp(bytes, { failOn: 'error' });
    await image.clone().resize(64).raw().toBuffer();
    const { autoOrient, hasAlpha } = await image.metadata();
    const isOpaque = !hasAlpha || (await image.stats()).isOpaque;
    return { path, header: parsed.header, width: autoOrient.width, height: autoOrient.height, isOpaque };
  } catch {
    // A sound header on pixels that no decoder reads: not something to measure.
    return undefined;
  }
};

/** Every photograph below a folder, in the order of their paths, links not followed. */
export const photosIn = async (dir: string): Promise<Photo[]> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const photos: Photo[] = [];
  for (const path of paths.sort()) {
    const photo = await photoOf(path);
    if (photo !== undefined) photos.push(photo);
  }
  return photos;
};

/** A photograph as the branches get it: with what ExtractMetadata found, and sends along. */
export const readPhoto = async (photo: Photo): Promise<ReadPhoto> => ({
  ...photo,
  metadata: await extractOffline(
    { readObject: ({ key }) => readFile(key) },
    { task: imageTask({ key: photo.path }), header: photo.header },
  ),
});

/** At most `most` of a list, evenly spread over it, its first among them. */
export const spread = <T>(list: readonly T[], most: number): T[] =>
  list.filter(
    (_, index) => Math.floor((index * most) / list.length) !== Math.floor(((index - 1) * most) / list.length),
  );
