/** Sides in pixels. */
export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** Longest side, in pixels, to which a long and thin picture is decoded, however thin it gets. */
const LONGEST = 1_280;

/**
 * Sides of the small picture that everything is seen by: in proportion, no larger than the picture, and otherwise just so large that
 * both sides are at least `least`. JPEG decodes to a whole eighth of its sides for next to nothing, so a little more than
 * needed costs nothing, and twice as much costs half a decode.
 */
export const smallSides = ({ width, height }: Sides, least: Sides): Sides => {
  const covering = Math.max(least.width / width, least.height / height);
  const scale = Math.min(1, covering, LONGEST / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
};
