import { readFileSync } from 'node:fs';
import { registerOp } from '@tensorflow/tfjs-converter';
import { avgPool, maxPool, type Tensor4D, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tag } from '@darkroom/types/image';
import { cocoClasses } from './coco.ts';
import { type GraphJson, type GraphModel, type GraphNode, loadGraph } from './graph.ts';
import { lazily } from './lazily.ts';
import { packageFile } from './package-files.ts';
import { checkPixels, type Pixels, type Size } from './pixels.ts';

/** Name and version of the model, for records. */
export const TAGS_MODEL = 'centernet-coco@human-3.3.6';

/** Sides of the input are multiples of this: the network halves the picture five times. */
const STEP = 32;
/**
 * Pixels that the detector looks at, about. Its time grows with them: 512 × 512, as it was trained, takes 200 ms of CPU, this 80.
 * It finds less of what is small in the picture.
 */
const AREA = 384 * 288;
/** Longer and thinner pictures are squeezed to this. */
const MAX_ASPECT = 2;

const toStep = (side: number): number => Math.max(1, Math.round(side / STEP)) * STEP;

/** What `tagsOf` looks at, for an upright picture of these sides: nearly its proportions, within the budget. */
export const tagSizeOf = ({ width, height }: Size): Size => {
  const aspect = Math.min(MAX_ASPECT, Math.max(1 / MAX_ASPECT, width / height));
  return { width: toStep(Math.sqrt(AREA * aspect)), height: toStep(Math.sqrt(AREA / aspect)) };
};

/** Rounding to steps makes inputs a tenth larger than the budget at most. */
const isInput = ({ width, height }: Size): boolean =>
  width > 0 && width % STEP === 0 && height % STEP === 0 && width * height <= AREA * 1.1;

const INPUT = 'tower_0/images';
/** Logit of each class at each point, at a quarter of the input's resolution: the boxes behind it are not needed for tags. */
const OUTPUT = 'tower_0/CenternetHead/centernet_cls_output/BiasAdd';
/** Sizes to which feature maps are enlarged, and what part of the input they are. They are constants for 512 × 512 in the file. */
const ENLARGED = [
  ['tower_0/CenternetHead/c5_upsample/up_sampling2d/mul', 16],
  ['tower_0/CenternetHead/c4_upsample/up_sampling2d_1/mul', 8],
  ['tower_0/CenternetHead/c3_upsample/up_sampling2d_2/mul', 4],
] as const;

/**
 * Means over all pixels, channel by channel. The backend's own Mean turns the feature map round in memory first; a pool as large as the
 * map says the same, and saves 5 ms of the detector's 70.
 */
const GLOBAL_MEAN = 'DarkroomGlobalMean';
const globalMean = ([map]: readonly unknown[]) => {
  const features = map as Tensor4D;
  return avgPool(features, [features.shape[1], features.shape[2]], 1, 'valid');
};

const placeholder = (name: string, dtype: string, shape: readonly number[]): GraphNode => ({
  name,
  op: 'Placeholder',
  attr: { dtype: { type: dtype }, shape: { shape: { dim: shape.map((size) => ({ size: String(size) })) } } },
});

/** The graph for input of any size: it is convolutional throughout, but for its input's shape and three constants. */
const withFreeSize = (graph: GraphJson): GraphJson => {
  const free = new Map<string, GraphNode>([
    [INPUT, placeholder(INPUT, 'DT_FLOAT', [1, -1, -1, 3])],
    ...ENLARGED.map(([name]) => [name, placeholder(name, 'DT_INT32', [2])] as const),
  ]);
  const { node } = graph.modelTopology;
  const found = node.filter(({ name }) => free.has(name)).length;
  if (found !== free.size) throw new Error(`expected ${free.size} nodes in the detector's graph but received ${found}`);
  const changed = (one: GraphNode): GraphNode =>
    free.get(one.name) ?? (one.op === 'Mean' ? { ...one, op: GLOBAL_MEAN } : one);
  return { ...graph, modelTopology: { ...graph.modelTopology, node: node.map(changed) } };
};

const loadModel = lazily((): Promise<GraphModel> => {
  const file = (name: string) => readFileSync(packageFile(`@vladmandic/human/models/${name}`));
  registerOp(GLOBAL_MEAN, ({ inputs }) => globalMean(inputs));
  const graph = JSON.parse(file('centernet.json').toString('utf8')) as GraphJson;
  return loadGraph(withFreeSize(graph), file('centernet.bin'));
});

/** Tags below this are wrong as often as right: see the README for what was tried. */
const MIN_SCORE = 0.4;
/** As many as a record keeps. */
const MAX_TAGS = 16;

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** The tags of a picture from the peaks of its classes; the surest first. */
const tagsFrom = (peaks: ArrayLike<number>): Tag[] =>
  cocoClasses
    .map((name, index) => ({ name, score: Math.round(sigmoid(peaks[index] ?? 0) * 1000) / 1000 }))
    .filter(({ score }) => score >= MIN_SCORE)
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_TAGS);

/** Highest logit of each class anywhere in the picture: taken inside the backend, since half a million of them are two megabytes to copy. */
const peaksOf = (logits: Tensor4D): Tensor4D => maxPool(logits, [logits.shape[1], logits.shape[2]], 1, 'valid');

/**
 * Which of the 80 things of COCO are in a picture, the surest first. `pixels` have the size that `tagSizeOf` says. The model is
 * loaded by the first call (2 million weights, 65 ms); no tensor is left behind. Throws RangeError for pixels of another size.
 */
export const tagsOf = async (pixels: Pixels): Promise<Tag[]> => {
  const { width, height } = pixels;
  if (!isInput(pixels))
    throw new RangeError(`expected a size by tagSizeOf for the pixels but received ${width} × ${height}`);
  checkPixels(pixels, { width, height });
  const model = await loadModel();
  const peaks = tidy(() => {
    const logits = model.execute(
      {
        [INPUT]: tensor4d(Float32Array.from(pixels.data), [1, height, width, 3]),
        ...Object.fromEntries(ENLARGED.map(([name, part]) => [name, tensor1d([height / part, width / part], 'int32')])),
      },
      OUTPUT,
    );
    if (Array.isArray(logits)) throw new TypeError(`expected one output of the model but received ${logits.length}`);
    return peaksOf(logits as Tensor4D);
  });
  try {
    return tagsFrom(await peaks.data());
  } finally {
    peaks.dispose();
  }
};
