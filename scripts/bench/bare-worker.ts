// One process of the bare loop: sharp and nothing else, reading files and writing files.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ladder, parseVariantKey, qualityTierOf } from '../../packages/types/src/index.ts';
import sharp, { type Sharp } from 'sharp';
import type { BareJob, BareVariant } from './bare.ts';

// As Lambda does it: one picture a process, and no cache that a loop over different files could use.
sharp.concurrency(1);
sharp.cache(false);

const encode = (image: Sharp, { key }: BareVariant): Sharp => {
  const name = parseVariantKey(key);
  if (name === undefined) throw new Error(`expected a variant key but received ${key}`);
  const settings = ladder.encoders[name.format][qualityTierOf(name.tier)];
  return image.toFormat(name.format, settings);
};

const sized = (variant: BareVariant) => ({ width: variant.width, height: variant.height, fit: 'fill' as const });

/** What anyone writes first: one pipeline a variant, straight from the file; libvips shrinks on load. */
const fromSource = async (bytes: Buffer, variants: readonly BareVariant[]): Promise<Buffer[]> => {
  const made: Buffer[] = [];
  for (const variant of variants) {
    made.push(await encode(sharp(bytes).autoOrient().resize(sized(variant)).toColourspace('srgb'), variant).toBuffer());
  }
  return made;
};

/** The floor: one decode to the widest variant, every other one from those pixels. */
const decodeOnce = async (bytes: Buffer, variants: readonly BareVariant[]): Promise<Buffer[]> => {
  const [widest] = [...variants].sort((a, b) => b.width - a.width);
  if (widest === undefined) return [];
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .resize(sized(widest))
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const made: Buffer[] = [];
  for (const variant of variants) {
    const image = sharp(data, { raw });
    made.push(await encode(variant.width === info.width ? image : image.resize(sized(variant)), variant).toBuffer());
  }
  return made;
};

process.on('message', (job: BareJob) => {
  const work = async (): Promise<void> => {
    const bytes = await readFile(job.path);
    const made = await (job.mode === 'decodeOnce' ? decodeOnce : fromSource)(bytes, job.variants);
    await Promise.all(made.map((data, index) => writeFile(join(job.out, `${job.id}-${index}`), data)));
    process.send?.({ id: job.id });
  };
  work().catch((error: unknown) => process.send?.({ id: job.id, error: String(error) }));
});
