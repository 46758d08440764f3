/** One file of a curve: an encoder's quality, and what came of it. */
export interface Point {
  readonly quality: number;
  readonly bytes: number;
  /** Points of SSIMULACRA 2. */
  readonly likeness: number;
}

/** Files of one picture by one encoder, by rising quality; at least two. */
export type Curve = readonly [Point, Point, ...Point[]];

/** The two neighbours around a value of `key`, or the two nearest where it lies outside. Curves that dip are read from below. */
const around = (curve: Curve, key: 'quality' | 'likeness', value: number): readonly [Point, Point] => {
  const above = curve.findIndex((point, index) => index > 0 && point[key] >= value);
  const upper = above === -1 ? curve.length - 1 : above;
  return [curve[upper - 1] ?? curve[0], curve[upper] ?? curve[1]];
};

/** A point between the measured ones: quality and likeness go straight, bytes by their logarithm, as files grow with quality. */
const between = (curve: Curve, key: 'quality' | 'likeness', value: number): Point => {
  const [low, high] = around(curve, key, value);
  const share = high[key] === low[key] ? 1 : (value - low[key]) / (high[key] - low[key]);
  const mix = (a: number, b: number): number => a + share * (b - a);
  return {
    quality: mix(low.quality, high.quality),
    likeness: mix(low.likeness, high.likeness),
    bytes: Math.exp(mix(Math.log(low.bytes), Math.log(high.bytes))),
  };
};

/** What the encoder needs for a likeness; outside the measured points the line goes on. */
export const atLikeness = (curve: Curve, likeness: number): Point => between(curve, 'likeness', likeness);

/** What the encoder gives at a quality. */
export const atQuality = (curve: Curve, quality: number): Point => between(curve, 'quality', quality);

/** The value that `share` of all are below, 0 to 1; the nearest there is. Throws RangeError for no values. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (found === undefined) throw new RangeError('expected at least one value for a percentile');
  return found;
};

/** The smallest whole quality at which all pictures but `share` of them reach a likeness. */
export const fixedQuality = (curves: readonly Curve[], likeness: number, share: number): number => {
  for (let quality = 1; quality < 100; quality++) {
    const reached = curves.map((curve) => atQuality(curve, quality).likeness);
    if (percentile(reached, share) >= likeness) return quality;
  }
  return 100;
};
