import { readFile } from 'node:fs/promises';
import { leastSides } from '../../../services/metadata/src/core/extract/extract-metadata.ts';
import { difficultyOf } from '../../../services/metadata/src/core/extract/difficulty.ts';
import { decodeSmall, previewsOf } from '../../../services/metadata/src/core/extract/decode.ts';
import {
  fitPixels,
  pictureOf,
  planRenditions,
  type PlannedRendition,
} from '../../../services/variants/src/core/plan.ts';
import { developMaster, type Master, renderRendition } from '../../../services/variants/src/core/render.ts';
import { limits } from '../../../packages/types/src/limits.ts';
import { ladder, previewWidthOf } from '../../../packages/types/src/ladder.ts';
import { glanceBitsOf, glanceOf } from '../../../services/metadata/src/core/extract/travelling.ts';
import { inspect } from '../../../packages/imaging/src/header/inspect.ts';
import sharp, { type Sharp } from 'sharp';
import type { Curve, Point } from './curve.ts';
import { type Prepared, prepare, type Rgb, similarity } from './ssimulacra2.ts';

/** What was measured of one rendition of one photograph. */
export interface Sample {
  readonly width: number;
  /** As Darkroom makes it. CPU in milliseconds, of the encoder alone. */
  readonly chosen: Point & { readonly cpu: number };
  readonly avif: Curve;
  readonly jpeg: Curve;
  readonly mozjpeg: Curve;
  /** WebP at quality 75, effort 4. */
  readonly webp: Point & { readonly cpu: number };
}

const AVIF_QUALITIES = [38, 46, 54, 62, 70, 80] as const;
const JPEG_QUALITIES = [45, 58, 70, 80, 90] as const;
/** Runs of which the fastest counts: a shared machine only ever adds. */
const RUNS = 3;

const rgbOf = async (image: Sharp): Promise<Rgb> => {
  const { data, info } = await image.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

const likenessOf = async (reference: Prepared, file: Buffer): Promise<number> =>
  similarity(reference, prepare(await rgbOf(sharp(file))));

/** Runs an encoder and answers its file and its CPU time in milliseconds. */
const timed = async (encode: () => Promise<Buffer>): Promise<{ data: Buffer; cpu: number }> => {
  let best: { data: Buffer; cpu: number } | undefined;
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    const data = await encode();
    const { user, system } = process.cpuUsage(before);
    const cpu = (user + system) / 1000;
    if (best === undefined || cpu < best.cpu) best = { data, cpu };
  }
  return best ?? { data: Buffer.alloc(0), cpu: 0 };
};

const curveOf = async (
  reference: Prepared,
  qualities: readonly number[],
  encode: (quality: number) => Promise<Buffer>,
): Promise<Curve> => {
  const points: Point[] = [];
  for (const quality of qualities) {
    const data = await encode(quality);
    points.push({ quality, bytes: data.length, likeness: await likenessOf(reference, data) });
  }
  const [first, second, ...rest] = points;
  if (first === undefined || second === undefined) throw new RangeError('expected two qualities or more');
  return [first, second, ...rest];
};

const sampleOf = async (master: Master, rendition: PlannedRendition, difficulty: number): Promise<Sample> => {
  const open = () => master.open().removeAlpha();
  const reference = prepare(await rgbOf(open()));
  const settings = { ladder, difficulty };
  let quality = 0;
  const chosen = await timed(async () => {
    const rendered = await renderRendition(master, rendition, settings);
    quality = rendered.quality;
    return rendered.data;
  });
  const webp = await timed(() => open().webp({ quality: 75, effort: 4 }).toBuffer());
  const { effort, chromaSubsampling, bitdepth } = ladder.encoders.avif.n;
  return {
    width: rendition.width,
    chosen: {
      quality,
      bytes: chosen.data.length,
      cpu: chosen.cpu,
      likeness: await likenessOf(reference, chosen.data),
    },
    webp: { quality: 75, bytes: webp.data.length, cpu: webp.cpu, likeness: await likenessOf(reference, webp.data) },
    avif: await curveOf(reference, AVIF_QUALITIES, (q) =>
      open().avif({ quality: q, effort, chromaSubsampling, bitdepth }).toBuffer(),
    ),
    jpeg: await curveOf(reference, JPEG_QUALITIES, (q) => open().jpeg({ quality: q, progressive: true }).toBuffer()),
    mozjpeg: await curveOf(reference, JPEG_QUALITIES, (q) => open().jpeg({ quality: q, mozjpeg: true }).toBuffer()),
  };
};

/** The normal tier's eager AVIFs of one photograph, beside what others make of the same pixels. Empty for what is no still photograph. */
export const samplesOf = async (path: string): Promise<readonly Sample[]> => {
  const original = await readFile(path);
  const parsed = inspect(original, original.length, limits.validate);
  if (parsed.kind !== 'header' || parsed.header.frames > 1 || parsed.header.format === 'heic') return [];
  const { raster, width, height } = await decodeSmall(original, parsed.header, leastSides(previewWidthOf(ladder)));
  const { preview } = await previewsOf(raster);
  const difficulty = difficultyOf(preview, glanceBitsOf(await glanceOf(raster)));
  const picture = pictureOf(ladder, { width, height }, parsed.header);
  const renditions = planRenditions(ladder, picture).filter(({ format, tier }) => format === 'avif' && tier === 'n');
  const samples: Sample[] = [];
  for (const rendition of renditions) {
    const source = { original, header: parsed.header, background: '#ffffff' };
    // Each from its own decode, so that every encoder gets exactly the pixels that it is compared with.
    const master = await developMaster(source, fitPixels(picture, rendition.width));
    samples.push(await sampleOf(master, rendition, difficulty));
  }
  return samples;
};
