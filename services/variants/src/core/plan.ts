import type { ImageHeader } from '@darkroom/types/image';
import { type Family, type Ladder, type Tier, type VariantFormat, widthsOf } from '@darkroom/types/ladder';

/** Sides of a picture as seen, in pixels. */
export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** A picture to make renditions of. */
export interface Picture extends Sides {
  /** Frames of an animation that is kept as one; 1 for a still, and for an animation beyond the budget. */
  readonly frames: number;
}

/** A rung of the ladder: what a variant's URL names. */
export interface RungName {
  readonly width: number;
  readonly tier: Tier;
}

/** What a variant's URL names. */
export interface FileName extends RungName {
  readonly format: VariantFormat;
}

/** One file to make. */
export interface Rendition extends FileName {
  /** Pixels of the file itself. */
  readonly pixels: Sides;
  /** Pixels of the whole picture at the same scale: the file's own, unless it is a square that is cut out. */
  readonly whole: Sides;
  /** Every frame of the picture, not the first one only. */
  readonly animated: boolean;
}

export interface PlannedRendition extends Rendition {
  readonly family: Family;
}

/** Longest side of any rendition, in pixels: WebP ends at 16,383 (RFC 9649, 3.4) and libheif at 16,384. */
const MAX_RENDITION_SIDE = 16_383;

/** Sides of a picture fitted into `width`, never enlarged, never below one pixel. */
export const fitPixels = ({ width, height }: Sides, rungWidth: number): Sides => {
  const scale = Math.min(1, rungWidth / width, MAX_RENDITION_SIDE / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
};

/** Sides of a picture whose shorter one has `side` pixels: the square that is cut from it needs no more. Never enlarged. */
export const coverPixels = ({ width, height }: Sides, side: number): Sides => {
  const scale = Math.min(1, side / Math.min(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
};

/** Formats whose frames we can read one by one. */
const ANIMATED_SOURCES: ReadonlySet<ImageHeader['format']> = new Set(['gif', 'webp']);

/** The picture that renditions are made of: its sides as seen, and its frames when they are within the budget. */
export const pictureOf = (
  ladder: Ladder,
  { width, height }: Sides,
  { format, frames }: Pick<ImageHeader, 'format' | 'frames'>,
): Picture => {
  const isKept = ANIMATED_SOURCES.has(format) && frames * width * height <= ladder.animation.maxSourcePixels;
  return { width, height, frames: isKept ? frames : 1 };
};

/** True for the one kind of file that holds an animation: WebP of the normal tier. AVIF cannot be written so here. */
const isAnimation = ({ frames }: Picture, { format, tier }: Pick<FileName, 'format' | 'tier'>): boolean =>
  frames > 1 && format === 'webp' && tier === 'n';

/** The sides that count for a file: of an animation they are cut to what its budget of pixels allows. */
const sidesFor = (ladder: Ladder, picture: Picture, name: Pick<FileName, 'format' | 'tier'>): Sides => {
  if (!isAnimation(picture, name)) return picture;
  const pixels = picture.frames * picture.width * picture.height;
  const scale = Math.min(1, Math.sqrt(ladder.animation.maxPixels / pixels));
  return fitPixels(picture, Math.max(1, Math.floor(picture.width * scale)));
};

const eagerRungs = (ladder: Ladder) =>
  Object.entries(ladder.families).flatMap(([family, rungs]) =>
    rungs.map((rung) => ({ ...rung, family: family as Family })),
  );

const smallestFrom = (widths: readonly number[], least: number): number | undefined =>
  widths.filter((width) => width >= least).sort((a, b) => a - b)[0];

/** The side of a picture that a tier's widths are compared with, in pixels: a square is cut from the shorter one. */
const spanOf = ({ width, height }: Sides, tier: Tier): number => (tier === 's' ? Math.min(width, height) : width);

/** The one rung that holds all of `span` pixels: an eager one where there is one, so that it is there already. */
const fullWidth = (ladder: Ladder, span: number, tier: Tier): number => {
  const eager = eagerRungs(ladder).flatMap((rung) => (rung.tier === tier ? [rung.width] : []));
  const widths = widthsOf(ladder, tier);
  return smallestFrom(eager, span) ?? smallestFrom(widths, span) ?? Math.max(...widths);
};

type Original = Sides & Partial<Pick<Picture, 'frames'>>;

/** Another tier where that has the same pixels: nothing is cut from a square still, and a low tier below `lowTierFrom` is the normal one. */
const canonicalTier = ({ lowTierFrom }: Ladder, original: Original, { width, tier }: RungName): Tier => {
  const { frames = 1 } = original;
  if (tier === 's') return original.width === original.height && frames === 1 ? 'n' : 's';
  return Math.min(width, original.width) < lowTierFrom ? 'n' : tier;
};

/**
 * The rung under which a rendition is stored. Rungs as wide as the picture (squares: as its shorter side) or wider hold the same
 * pixels, so all of them are one file; and so are tiers that hold the same, see `canonicalTier`. Its own result is canonical.
 */
export const canonicalRung = (ladder: Ladder, original: Original, rung: RungName): RungName => {
  const tier = canonicalTier(ladder, original, rung);
  const span = spanOf(original, tier);
  return { tier, width: rung.width < span ? rung.width : fullWidth(ladder, span, tier) };
};

/**
 * The name under which a file is stored; see `canonicalRung`. Of an animation the normal tier's AVIF is its WebP, which is the one
 * that moves; JPEG, the low tier and squares are its still poster. Its own result is canonical.
 */
export const canonicalName = (ladder: Ladder, picture: Picture, { format, ...rung }: FileName): FileName => {
  const { tier } = canonicalRung(ladder, picture, rung);
  const moved = picture.frames > 1 && tier === 'n' && format === 'avif' ? 'webp' : format;
  const sides = sidesFor(ladder, picture, { format: moved, tier });
  return { ...canonicalRung(ladder, sides, { width: rung.width, tier }), format: moved };
};

/** The file behind a canonical name. */
export const renditionOf = (ladder: Ladder, picture: Picture, name: FileName): Rendition => {
  const animated = isAnimation(picture, name);
  if (name.tier !== 's') {
    const pixels = fitPixels(sidesFor(ladder, picture, name), name.width);
    return { ...name, pixels, whole: pixels, animated };
  }
  const side = Math.min(name.width, picture.width, picture.height);
  return { ...name, pixels: { width: side, height: side }, whole: coverPixels(picture, side), animated };
};

const isSame = (a: FileName, b: FileName): boolean => a.width === b.width && a.tier === b.tier && a.format === b.format;

/**
 * Everything that is made before anybody asks, for a picture of these sides: the families' rungs, as far as they are
 * canonical. Every picture gets a JPEG and an AVIF (of an animation a WebP that moves), no file twice, and none is enlarged.
 */
export const planRenditions = (ladder: Ladder, picture: Picture): PlannedRendition[] => {
  const wanted = eagerRungs(ladder).flatMap(({ formats, ...rung }) =>
    formats.map((format) => {
      const name = canonicalName(ladder, picture, { width: rung.width, tier: rung.tier, format });
      return { family: rung.family, asked: { width: rung.width, tier: rung.tier }, name };
    }),
  );
  return wanted
    .filter(({ asked, name }) => name.width === asked.width && name.tier === asked.tier)
    .filter(({ name }, index, all) => all.findIndex((other) => isSame(other.name, name)) === index)
    .map(({ family, name }) => ({ family, ...renditionOf(ladder, picture, name) }));
};
