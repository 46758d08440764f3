import {
  type ColourFacts,
  conversionOf,
  decoding,
  fromSrgb,
  inOwnNumbers,
  openAnimation,
  openImage,
  openProfiled,
  openRaster,
  type Raster,
  readFacts,
  readRgbProfile,
} from '@darkroom/imaging';
import type { Focus, ImageHeader } from '@darkroom/types/image';
import { type Ladder, qualityTierOf } from '@darkroom/types/ladder';
import type { Sharp } from 'sharp';
import { withCopyright } from './copyright.ts';
import { CENTRE, squareAround } from './crop.ts';
import { withGainMap } from './gain-map.ts';
import type { Rendition, Sides } from './plan.ts';
import { lowerQuality, qualityOf } from './quality.ts';

export interface RenderSource {
  /** The bytes that are decoded: the original's, or those of its stand-in. */
  readonly original: Buffer;
  readonly header: Pick<ImageHeader, 'format' | 'progressive'>;
  /** `#rrggbb` that stands behind transparent pixels where a format has none. */
  readonly background: string;
  /** `metadata.difficulty`; 0 where it is not known. */
  readonly difficulty?: number | undefined;
  /** True: the colours reach beyond sRGB, and the renditions keep the original's profile. */
  readonly wideGamut?: boolean | undefined;
  /** `metadata.focus`: what squares are cut around; the centre where it is not known. */
  readonly focus?: Focus | undefined;
  /** True: the files that can keep the original's HDR gain map do. */
  readonly keepGainMap?: boolean | undefined;
  /** Notice that every still rendition carries, as its only metadata. */
  readonly copyright?: string | undefined;
}

/** Pixels that renditions are made from: upright, eight bits a channel, and nothing else of the original's file but, at most, its colour profile. */
export interface Master extends Sides {
  readonly hasAlpha: boolean;
  /** True: the pixels carry a colour profile, which a raster cannot. */
  readonly isProfiled: boolean;
  /** `#rrggbb` behind transparent pixels where a format has none, in the numbers of these pixels. */
  readonly background: string;
  /** Opens the pixels for one rendition. */
  readonly open: () => Sharp;
}

/** A finished file. */
export interface Rendered {
  readonly data: Buffer;
  /** The encoder's quality that it has. */
  readonly quality: number;
}

const isOpaque = ({ data, channels }: Raster): boolean => {
  for (let at = channels - 1; at < data.length; at += channels) if (data[at] !== 255) return false;
  return true;
};

const exactly = ({ width, height }: Sides) => ({ width, height, fit: 'fill' as const });

const decodeTo = ({ original, header }: RenderSource, pixels: Sides, options = {}): Sharp =>
  openImage(original, header, options).autoOrient().resize(exactly(pixels));

/** Resized pixels with their profile. */
const profiledPixels = (source: RenderSource, pixels: Sides, facts: ColourFacts) =>
  inOwnNumbers(decodeTo(source, pixels, { ignoreIcc: true }), facts);

const srgbPixels = async (source: RenderSource, pixels: Sides): Promise<Sharp> => {
  const facts = await readFacts(source.original, source.header);
  const conversion = conversionOf(facts);
  if (conversion === 'convert') return openProfiled((await profiledPixels(source, pixels, facts)).data);
  return decodeTo(source, pixels, { ignoreIcc: conversion === 'none' });
};

const srgbMaster = async (source: RenderSource, pixels: Sides): Promise<Master> => {
  const { data, info } = await (await srgbPixels(source, pixels))
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raster = { data, width: info.width, height: info.height, channels: info.channels };
  const mayBeTransparent = info.channels === 2 || info.channels === 4;
  // Screenshots carry an alpha channel in which everything is opaque: coding it would cost time and bytes for nothing.
  const hasAlpha = mayBeTransparent && !isOpaque(raster);
  const { width, height } = info;
  return { width, height, hasAlpha, isProfiled: false, background: source.background, open: () => openRaster(raster) };
};

/** A colour of sRGB, `#rrggbb`, in the numbers of a profile. */
const inNumbersOf = (icc: Buffer | undefined, colour: string): string => {
  const profile = icc === undefined ? undefined : readRgbProfile(icc);
  if (profile === undefined) return colour;
  const [r = 0, g = 0, b = 0] = Buffer.from(colour.slice(1), 'hex');
  return `#${Buffer.from(fromSrgb(profile, [r, g, b])).toString('hex')}`;
};

const wideMaster = async (source: RenderSource, pixels: Sides): Promise<Master> => {
  const facts = await readFacts(source.original, source.header);
  const { data, info } = await profiledPixels(source, pixels, facts);
  const hasAlpha = info.channels === 2 || info.channels === 4;
  const open = () => openProfiled(data).keepIccProfile();
  return {
    width: info.width,
    height: info.height,
    hasAlpha,
    isProfiled: true,
    background: inNumbersOf(facts.icc, source.background),
    open,
  };
};

/**
 * Decodes an original straight to `pixels`, by libvips' shrink-on-load: no larger raster ever exists. Upright by EXIF or
 * container; colours converted to sRGB by the embedded profile, or left in it when they reach beyond. Throws ImageRejected when the
 * decoder refuses the file.
 */
export const developMaster = (source: RenderSource, pixels: Sides): Promise<Master> =>
  decoding(() => (source.wideGamut === true ? wideMaster : srgbMaster)(source, pixels));

const encode = (
  image: Sharp,
  { encoders }: Ladder,
  { format, tier, quality }: Pick<Rendition, 'format' | 'tier'> & { quality: number },
): Promise<Buffer> => {
  const looks = qualityTierOf(tier);
  switch (format) {
    case 'avif':
      return image.avif({ ...encoders.avif[looks], quality }).toBuffer();
    case 'webp':
      return image.webp({ ...encoders.webp[looks], quality }).toBuffer();
    case 'jpeg':
      return image.jpeg({ ...encoders.jpeg[looks], quality }).toBuffer();
  }
};

export interface RenderSettings {
  readonly ladder: Ladder;
  readonly difficulty: number;
  readonly focus?: Focus | undefined;
  readonly copyright?: string | undefined;
}

const isAsLarge = (master: Sides, { width, height }: Sides): boolean =>
  width === master.width && height === master.height;

const opened = (
  master: Master,
  { pixels, whole, format }: Rendition,
  { focus = CENTRE, copyright }: Pick<RenderSettings, 'focus' | 'copyright'>,
): Sharp => {
  let image = master.open();
  if (copyright !== undefined) image = withCopyright(image, copyright);
  if (!master.hasAlpha) image = image.removeAlpha();
  else if (format === 'jpeg') image = image.flatten({ background: master.background });
  if (!isAsLarge(master, whole)) image = image.resize(exactly(whole));
  // Resized first: libvips resizes no more than is kept, and the cut is exact to a pixel of the file.
  return isAsLarge(pixels, whole) ? image : image.extract(squareAround(whole, pixels.width, focus));
};

/**
 * One file from the master. It carries pixels only: a master has no EXIF, XMP, GPS or thumbnail to copy. Its quality is what the
 * picture needs, lowered until the budget of its tier is met. JPEG, which has no transparency, stands on the master's background; a square
 * is cut around `focus`, out of a master that has all of the picture.
 * Throws ImageRejected when the encoder cannot hold the picture.
 */
export const renderRendition = (
  master: Master,
  rendition: Rendition,
  { ladder, difficulty, ...settings }: RenderSettings,
): Promise<Rendered> =>
  decoding(async () => {
    let quality = qualityOf(ladder, rendition, difficulty);
    for (;;) {
      const data = await encode(opened(master, rendition, settings), ladder, { ...rendition, quality });
      const lower = lowerQuality(ladder, rendition, { quality, bytes: data.length });
      if (lower === undefined) return { data, quality };
      quality = lower;
    }
  });

/** An animation with all of its frames, their delays and the number of its loops. Throws ImageRejected. */
const renderAnimation = ({ original }: RenderSource, { pixels }: Rendition, { animation }: Ladder): Promise<Rendered> =>
  decoding(async () => {
    const { quality, effort, maxSourcePixels } = animation;
    const image = openAnimation(original, maxSourcePixels).resize(exactly(pixels)).toColourspace('srgb');
    return { data: await image.webp({ quality, effort }).toBuffer(), quality };
  });

/** The size that a set of renditions is made from: the largest that one of them needs of the whole picture. */
export const masterPixels = (renditions: readonly Rendition[]): Sides =>
  renditions.reduce<Sides>(
    (widest, { whole }) => (whole.width * whole.height > widest.width * widest.height ? whole : widest),
    {
      width: 0,
      height: 0,
    },
  );

/** The master at smaller sides, when more than one rendition has them: resized once, not once a format. */
const sharedMaster = async (master: Master, pixels: Sides, users: number): Promise<Master> => {
  if (users < 2 || master.isProfiled || isAsLarge(master, pixels)) return master;
  const { data, info } = await master.open().resize(exactly(pixels)).raw().toBuffer({ resolveWithObject: true });
  const raster = { data, width: info.width, height: info.height, channels: info.channels };
  return { ...master, width: info.width, height: info.height, open: () => openRaster(raster) };
};

/** Makes renditions one after the other; all stills come from one decode, which happens when the first is asked for. */
const renderer = (source: RenderSource, renditions: readonly Rendition[], ladder: Ladder) => {
  const stills = renditions.filter(({ animated }) => !animated);
  const { difficulty = 0, focus, copyright } = source;
  const settings = { ladder, difficulty, focus, copyright };
  let master: Promise<Master> | undefined;
  const shared = new Map<string, Promise<Master>>();
  const masterFor = async ({ whole }: Rendition): Promise<Master> => {
    master ??= developMaster(source, masterPixels(stills));
    const name = `${String(whole.width)}x${String(whole.height)}`;
    const users = stills.filter((other) => isAsLarge(other.whole, whole)).length;
    const made = shared.get(name) ?? sharedMaster(await master, whole, users);
    shared.set(name, made);
    return made;
  };
  return async (rendition: Rendition): Promise<Rendered> => {
    if (rendition.animated) return renderAnimation(source, rendition, ladder);
    const rendered = await renderRendition(await masterFor(rendition), rendition, settings);
    return { ...rendered, data: await withGainMap(source, rendition, rendered.data) };
  };
};

/**
 * Decodes once and makes every rendition of a set from those pixels, one after the other (side by side they take 4 % more CPU),
 * handing each to `take` as soon as it is ready, so that one is stored while the next is encoded. Answers what `take` answered, in the order of the set.
 */
export const renderSet = async <R extends Rendition, T>(
  { source, renditions, ladder }: { source: RenderSource; renditions: readonly R[]; ladder: Ladder },
  take: (rendition: R, data: Buffer, quality: number) => Promise<T>,
): Promise<T[]> => {
  const render = renderer(source, renditions, ladder);
  const taken: Promise<T>[] = [];
  for (const rendition of renditions) {
    const { data, quality } = await render(rendition);
    const done = take(rendition, data, quality);
    // A failed store is reported below, once the encoder is free; until then it must not count as unhandled.
    done.catch(() => undefined);
    taken.push(done);
  }
  return Promise.all(taken);
};
