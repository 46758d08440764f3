/**
 * SSIMULACRA 2.1 (Jon Sneyers, Cloudinary, 2022/2023): how alike two pictures look to people, from about 0 (bad) over 50 (medium), 70 (high) and
 * 90 (visually lossless) to 100 (the same). A weighted sum of SSIM, ringing and blur in the colour space XYB at six scales; weights were
 * fitted by its author to four sets of human opinions (CID22, TID2013, Kadid10k, KonFiG-IQA). Written from that description; the
 * numbers are the published ones.
 */

/** Pixels of a picture: three bytes each, sRGB. */
export interface Rgb {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

type Plane = Float32Array;
type Planes = readonly [Plane, Plane, Plane];
interface Sides {
  readonly width: number;
  readonly height: number;
}

const SCALES = 6;
/** Smallest side that is looked at, in pixels. */
const SMALLEST = 8;
const C2 = 0.0009;

/** One value of a plane; 0 outside it. */
const at = (plane: ArrayLike<number>, index: number): number => plane[index] ?? 0;

/** sRGB to linear light, by byte. */
const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

const linearPlanes = ({ data, width, height }: Rgb): Planes => {
  const planes: Planes = [0, 1, 2].map(() => new Float32Array(width * height)) as unknown as Planes;
  for (const [channel, plane] of planes.entries())
    for (let pixel = 0; pixel < plane.length; pixel++) plane[pixel] = at(LINEAR, at(data, 3 * pixel + channel));
  return planes;
};

/** Halves a plane by means of 2 × 2 pixels; a last odd column or row counts twice. */
const halve = (plane: Plane, { width, height }: Sides): Plane => {
  const [w, h] = [(width + 1) >> 1, (height + 1) >> 1];
  const half = new Float32Array(w * h);
  for (let y = 0; y < h; y++) {
    const top = 2 * y * width;
    const below = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < w; x++) {
      const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
      const sum = at(plane, top + left) + at(plane, top + right) + at(plane, below + left) + at(plane, below + right);
      half[y * w + x] = sum / 4;
    }
  }
  return half;
};

const BIAS = 0.0037930732552754493;
const BIAS_ROOT = Math.cbrt(BIAS);

/** Linear RGB to XYB (JPEG XL, annex L), each channel moved and stretched into 0 to 1. */
const toXyb = ([red, green, blue]: Planes): Planes => {
  const [xs, ys, bs] = [new Float32Array(red.length), new Float32Array(red.length), new Float32Array(red.length)];
  for (let pixel = 0; pixel < red.length; pixel++) {
    const [r, g, b] = [at(red, pixel), at(green, pixel), at(blue, pixel)];
    const l = Math.cbrt(0.3 * r + 0.622 * g + 0.078 * b + BIAS) - BIAS_ROOT;
    const m = Math.cbrt(0.23 * r + 0.692 * g + 0.078 * b + BIAS) - BIAS_ROOT;
    const s = Math.cbrt(0.2434226892454782 * r + 0.2047674442449682 * g + 0.5518098665095537 * b + BIAS) - BIAS_ROOT;
    const y = (l + m) / 2;
    xs[pixel] = ((l - m) / 2) * 14 + 0.42;
    ys[pixel] = y + 0.01;
    bs[pixel] = s - y + 0.55;
  }
  return [xs, ys, bs];
};

const SIGMA = 1.5;
const RADIUS = 5;
const KERNEL = (() => {
  const raw = Array.from({ length: RADIUS + 1 }, (_, at) => Math.exp(-(at * at) / (2 * SIGMA * SIGMA)));
  const sum = raw.reduce((total, value, at) => total + (at === 0 ? value : 2 * value), 0);
  return raw.map((value) => value / sum);
})();

/** Adds `weight` times a row onto another, place by place. */
const addRow = (sum: Plane, row: Plane, weight: number): void => {
  for (let x = 0; x < sum.length; x++) sum[x] = at(sum, x) + weight * at(row, x);
};

/** One row blurred; `padded` is the row with RADIUS zeros on either side. */
const blurRow = (padded: Plane, out: Plane): void => {
  const [k0 = 0, k1 = 0, k2 = 0, k3 = 0, k4 = 0, k5 = 0] = KERNEL;
  for (let x = 0, p = RADIUS; x < out.length; x++, p++)
    out[x] =
      k0 * at(padded, p) +
      k1 * (at(padded, p - 1) + at(padded, p + 1)) +
      k2 * (at(padded, p - 2) + at(padded, p + 2)) +
      k3 * (at(padded, p - 3) + at(padded, p + 3)) +
      k4 * (at(padded, p - 4) + at(padded, p + 4)) +
      k5 * (at(padded, p - 5) + at(padded, p + 5));
};

/** Gaussian blur of 1.5 pixels; outside the picture is nothing. */
const blur = (plane: Plane, { width, height }: Sides): Plane => {
  const row = (of: Plane, y: number): Plane => of.subarray(y * width, (y + 1) * width);
  const across = new Float32Array(plane.length);
  const padded = new Float32Array(width + 2 * RADIUS);
  for (let y = 0; y < height; y++) {
    padded.set(row(plane, y), RADIUS);
    blurRow(padded, row(across, y));
  }
  const both = new Float32Array(plane.length);
  for (let y = 0; y < height; y++)
    for (let from = Math.max(0, y - RADIUS); from <= Math.min(height - 1, y + RADIUS); from++)
      addRow(row(both, y), row(across, from), at(KERNEL, Math.abs(from - y)));
  return both;
};

const product = (a: Plane, b: Plane): Plane => a.map((value, pixel) => value * at(b, pixel));

interface Channel {
  readonly plane: Plane;
  readonly mean: Plane;
  readonly square: Plane;
}

interface Scale extends Sides {
  readonly channels: readonly Channel[];
}

/** Everything about one picture that a comparison needs: made once for the reference, however many are compared with it. */
export type Prepared = readonly Scale[];

/** Prepares a picture for comparisons. */
export const prepare = (picture: Rgb): Prepared => {
  const scales: Scale[] = [];
  let linear = linearPlanes(picture);
  let sides: Sides = { width: picture.width, height: picture.height };
  for (let scale = 0; scale < SCALES && Math.min(sides.width, sides.height) >= SMALLEST; scale++) {
    if (scale > 0) {
      const before = sides;
      linear = linear.map((plane) => halve(plane, before)) as unknown as Planes;
      sides = { width: (before.width + 1) >> 1, height: (before.height + 1) >> 1 };
    }
    const now = sides;
    const channels = toXyb(linear).map((plane) => ({
      plane,
      mean: blur(plane, now),
      square: blur(product(plane, plane), now),
    }));
    scales.push({ ...now, channels });
  }
  return scales;
};

/** Mean and root mean fourth power of an error over a plane. */
interface Norms {
  one: number;
  four: number;
}

const add = (norms: Norms, error: number): void => {
  norms.one += error;
  norms.four += error ** 4;
};

const finish = ({ one, four }: Norms, count: number): readonly [number, number] => [
  one / count,
  (four / count) ** 0.25,
];

/** The three error maps of one channel at one scale, each as its two norms: SSIM, ringing, blur. */
const errorsOf = (a: Channel, b: Channel, sides: Sides): readonly (readonly [number, number])[] => {
  const both = blur(product(a.plane, b.plane), sides);
  const [structure, ringing, blurring] = [
    { one: 0, four: 0 },
    { one: 0, four: 0 },
    { one: 0, four: 0 },
  ] as const;
  for (let pixel = 0; pixel < both.length; pixel++) {
    const [m1, m2] = [at(a.mean, pixel), at(b.mean, pixel)];
    const variance = at(a.square, pixel) - m1 * m1 + at(b.square, pixel) - m2 * m2 + C2;
    const likeness = ((1 - (m1 - m2) ** 2) * (2 * (at(both, pixel) - m1 * m2) + C2)) / variance;
    add(structure, Math.max(0, 1 - likeness));
    const edge = (1 + Math.abs(at(b.plane, pixel) - m2)) / (1 + Math.abs(at(a.plane, pixel) - m1)) - 1;
    add(edge > 0 ? ringing : blurring, Math.abs(edge));
  }
  return [structure, ringing, blurring].map((norms) => finish(norms, both.length));
};

/** By channel X, Y, B; in each by scale; in each the norm 1 of SSIM, ringing and blur, then the norm 4 of them. */
// prettier-ignore
const WEIGHTS = [
  0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0, 0, 0.0004371155730107379, 0, 1.1041726426657346,
  0.00066284834129271, 0.00015231632783718752, 0, 0.0016406437456599754, 0, 1.8422455520539298, 11.441172603757666, 0,
  0.0007989109436015163, 0.000176816438078653, 0, 1.8787594979546387, 10.94906990605142, 0, 0.0007289346991508072,
  0.9677937080626833, 0, 0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053, 0.0004550992113792063, 0,
  0, 0.0013648766163243398, 0, 0, 0, 0, 0, 7.466890328078848, 0, 17.445833984131262, 0.0006235601634041466, 0, 0,
  6.683678146179332, 0.00037724407979611296, 1.027889937768264, 225.20515300849274, 0, 0, 19.213238186143016,
  0.0011401524586618361, 0.001237755635509985, 176.39317598450694, 0, 0, 24.43300999870476, 0.28520802612117757,
  0.0004485436923833408, 0, 0, 0, 34.77906344483772, 44.835625328877896, 0, 0, 0, 0, 0, 0, 0, 0, 0.0008680556573291698,
  0, 0, 0, 0, 0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0, 0, 0, 0, 0.0004179171803251336,
  0.0017290828234722833, 0, 0.0020827005846636437, 0, 0, 8.826982764996862, 23.19243343998926, 0, 95.1080498811086,
  0.9863978034400682, 0.9834382792465353, 0.0012286405048278493, 171.2667255897307, 0.9807858872435379, 0, 0, 0,
  0.0005130064588990679, 0, 0.00010854057858411537,
];

const score = (sum: number): number => {
  const error = sum * 0.9562382616834844;
  const curved = 2.326765642916932 * error - 0.020884521182843837 * error ** 2 + 6.248496625763138e-5 * error ** 3;
  return curved > 0 ? 100 - 10 * curved ** 0.6276336467831387 : 100;
};

/** What one scale adds to the weighted sum. */
const partsOf = (ours: Scale, theirs: Scale | undefined, scale: { index: number; of: number }): number[] =>
  ours.channels.flatMap((a, channel) => {
    const b = theirs?.channels[channel];
    if (b === undefined) return [];
    const first = (channel * scale.of + scale.index) * 6;
    return errorsOf(a, b, ours).flatMap((norms, map) =>
      norms.map((value, norm) => at(WEIGHTS, first + norm * 3 + map) * value),
    );
  });

/** How alike they look, at most 100. Both of the same sides. Throws RangeError when they are not. */
export const similarity = (reference: Prepared, other: Prepared): number => {
  const [first, second] = [reference[0], other[0]];
  if (first?.width !== second?.width || first?.height !== second?.height)
    throw new RangeError('expected two pictures of the same sides');
  const parts = reference.flatMap((scale, index) => partsOf(scale, other[index], { index, of: reference.length }));
  return score(parts.reduce((sum, part) => sum + part, 0));
};
