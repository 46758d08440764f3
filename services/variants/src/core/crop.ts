import type { Focus } from '@darkroom/types/image';
import type { Sides } from './plan.ts';

/** The middle of a picture: what is kept where nobody knows better. */
export const CENTRE: Focus = { x: 0.5, y: 0.5 };

/** A part of a picture, in its pixels from the upper left corner; in sharp's words. */
export interface Part extends Sides {
  readonly left: number;
  readonly top: number;
}

/** Where a length of `side` begins so that its middle is at `share` of `whole`, as far as it stays inside. */
const startAt = (share: number, whole: number, side: number): number =>
  Math.max(0, Math.min(whole - side, Math.round(share * whole - side / 2)));

/**
 * The square of `side` pixels around the focal point of an upright picture, moved so that all of it lies inside: the point is always
 * within it. `side` is at most the picture's shorter side.
 */
export const squareAround = ({ width, height }: Sides, side: number, { x, y }: Focus): Part => ({
  left: startAt(x, width, side),
  top: startAt(y, height, side),
  width: side,
  height: side,
});
