import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { collectFiles } from '../../../packages/cli/src/ingest/collect.ts';
import { samplesDir } from '../../../packages/cli/src/paths.ts';
import { inspect } from '../../../packages/imaging/src/header/inspect.ts';
import { openImage } from '../../../packages/imaging/src/open.ts';
import type { ImageHeader } from '../../../packages/types/src/image.ts';
import { ladder } from '../../../packages/types/src/ladder.ts';
import { limits } from '../../../packages/types/src/limits.ts';
import { type ImageTask, pixelSourceOf } from '../../../packages/types/src/workflow.ts';
import { decodeHeic } from '../../../services/variants/src/adapters/libheif/index.ts';
import { developHeic } from '../../../services/variants/src/core/develop/develop-heic.ts';
import { imageTask } from '../../support/image-task.ts';

/** An accepted original as the workflow's functions get it; whoever reads finds it, and what was developed of it, in memory. */
export interface Photograph {
  readonly name: string;
  readonly task: ImageTask;
  readonly header: ImageHeader;
  readonly readObject: (object: { key: string }) => Promise<Buffer>;
}

/** What a phone makes. */
const PHONE = { width: 4032, height: 3024 };
/** A photograph of a phone, HEVC: nothing here makes one. */
const HEIC = new URL('../../../packages/imaging/test/fixtures/cheers_1440x960.heic', import.meta.url);

/** Undefined for what the workflow refuses. A HEIC is developed here, before anything is measured. */
const photographOf = async (name: string, bytes: Buffer): Promise<Photograph | undefined> => {
  const parsed = inspect(bytes, bytes.length, limits.validate);
  if (parsed.kind !== 'header') return undefined;
  const { header } = parsed;
  const task = imageTask({ key: 'originals/bench', bytes: bytes.length });
  const objects = new Map([[task.key, bytes]]);
  const readObject = ({ key }: { key: string }) => Promise.resolve(objects.get(key) ?? Buffer.alloc(0));
  const putDeveloped = ({ key }: { key: string }, data: Buffer) => Promise.resolve(void objects.set(key, data));
  if (pixelSourceOf(task, header).key !== task.key)
    await developHeic(
      { readOriginal: readObject, decodeHeic, putDeveloped, ladder, limits: limits.validate },
      { task, header },
    );
  return { name, task, header, readObject };
};

/** A sample at the size of a phone's photograph: mirrored at its edges, so that it keeps its detail and its cost. */
const phoneSized = async (sample: Photograph) => {
  const image = openImage(await sample.readObject(sample.task), sample.header);
  const { data, info } = await image.autoOrient().png({ compressionLevel: 0 }).toBuffer({ resolveWithObject: true });
  const [right, bottom] = [Math.max(0, PHONE.width - info.width), Math.max(0, PHONE.height - info.height)];
  return openImage(data, { format: 'png', progressive: false }).extend({ right, bottom, extendWith: 'mirror' });
};

const asJpeg = async (sample: Photograph) =>
  photographOf(sample.name, await (await phoneSized(sample)).jpeg({ quality: 88 }).toBuffer());

/** What has no small decode: AVIF of eight and ten bits, and a HEIC with its stand-in. */
const others = async (sample: Photograph) => {
  const avif = async (bitdepth: 8 | 10) => (await phoneSized(sample)).avif({ effort: 0, bitdepth }).toBuffer();
  return [
    await photographOf('AVIF of 8 bits', await avif(8)),
    await photographOf('AVIF of 10 bits', await avif(10)),
    await photographOf(basename(HEIC.pathname), await readFile(HEIC)),
  ];
};

/** The photographs below a folder; without one the samples at twelve megapixels as JPEG, the first as AVIF too, and a HEIC. */
export const photographsIn = async (folder: string | undefined): Promise<Photograph[]> => {
  const read: (Photograph | undefined)[] = [];
  for (const { path } of await collectFiles([folder ?? samplesDir]))
    read.push(await photographOf(basename(path), await readFile(path)));
  const found = read.filter((one) => one !== undefined);
  const [first] = found;
  if (folder !== undefined || first === undefined) return found;
  const made: (Photograph | undefined)[] = await others(first);
  for (const sample of found) made.push(await asJpeg(sample));
  return made.filter((one) => one !== undefined);
};
