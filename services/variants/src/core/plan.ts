import type { Family, Ladder, Tier, VariantFormat } from '@darkroom/types/ladder';

/** Sides of a picture as seen, in pixels. */
export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** A rung of the ladder: what a variant's URL names. */
export interface RungName {
  readonly width: number;
  readonly tier: Tier;
}

/** One file to make. */
export interface Rendition extends RungName {
  readonly format: VariantFormat;
  /** Pixels of the file itself. */
  readonly pixels: Sides;
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

const eagerRungs = (ladder: Ladder) =>
  Object.entries(ladder.families).flatMap(([family, rungs]) =>
    rungs.map((rung) => ({ ...rung, family: family as Family })),
  );

const smallestFrom = (widths: readonly number[], least: number): number | undefined =>
  widths.filter((width) => width >= least).sort((a, b) => a - b)[0];

/** The one rung that holds a picture at its own size: an eager one where there is one, so that it is there already. */
const fullWidth = (ladder: Ladder, { width }: Sides, tier: Tier): number => {
  const eager = eagerRungs(ladder).flatMap((rung) => (rung.tier === tier ? [rung.width] : []));
  return smallestFrom(eager, width) ?? smallestFrom(ladder.widths, width) ?? Math.max(...ladder.widths);
};

/**
 * The rung under which a rendition is stored. Rungs as wide as the picture or wider hold the same pixels, so all of them are
 * one file; and a low tier that would be narrower than `lowTierFrom` is the normal one. Its own result is canonical.
 */
export const canonicalRung = (ladder: Ladder, original: Sides, { width, tier }: RungName): RungName => {
  const canonicalTier = Math.min(width, original.width) < ladder.lowTierFrom ? 'n' : tier;
  return { tier: canonicalTier, width: width < original.width ? width : fullWidth(ladder, original, canonicalTier) };
};

/**
 * Everything that is made before anybody asks, for a picture of these sides: the families' rungs, as far as they are
 * canonical. Every picture gets at least one AVIF and one JPEG, no file twice, and none is enlarged.
 */
export const planRenditions = (ladder: Ladder, original: Sides): PlannedRendition[] =>
  eagerRungs(ladder)
    .filter((rung) => {
      const { width, tier } = canonicalRung(ladder, original, rung);
      return width === rung.width && tier === rung.tier;
    })
    .flatMap(({ family, width, tier, formats }) =>
      formats.map((format) => ({ family, width, tier, format, pixels: fitPixels(original, width) })),
    );
