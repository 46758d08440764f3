import { createRequire } from 'node:module';
import { div, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { type GraphJson, type GraphModel, loadGraph } from './graph.ts';
import { lazily } from './lazily.ts';
import { packageFile } from './package-files.ts';
import { checkPixels, type Pixels, type Size } from './pixels.ts';

/** Name and version of the model, for records. */
export const MODERATION_MODEL = 'nsfwjs-mobilenet-v2-mid@4.4.0';

/** What `scoreModeration` looks at: the whole picture squeezed into a square, as the model was trained. */
export const moderationSize: Size = { width: 224, height: 224 };

/** The model's classes, in the order of its outputs; their probabilities add up to 1. */
const CLASSES = ['drawing', 'hentai', 'neutral', 'porn', 'sexy'] as const;
export type ModerationClass = (typeof CLASSES)[number];

const FOLDER = 'nsfwjs/dist/models/mobilenet_v2_mid';

/** The package keeps JSON and weights (Base64) as CommonJS modules without dependencies; its own loader is not needed. */
const moduleOf = (name: string): unknown => {
  const file = packageFile(`${FOLDER}/${name}.min.js`);
  return createRequire(file)(file);
};

const loadModel = lazily((): Promise<GraphModel> => {
  const graph = moduleOf('model') as GraphJson;
  const shards = graph.weightsManifest.flatMap(({ paths }) => paths);
  return loadGraph(graph, Buffer.concat(shards.map((shard) => Buffer.from(moduleOf(shard) as string, 'base64'))));
});

/**
 * How much a picture looks like each of the five kinds of pictures that the model knows: 0 to 1, together 1. The model is loaded
 * by the first call (4.3 million weights, 55 ms); no tensor is left behind. Throws RangeError for pixels of another size.
 */
export const scoreModeration = async (pixels: Pixels): Promise<Readonly<Record<ModerationClass, number>>> => {
  checkPixels(pixels, moderationSize);
  const model = await loadModel();
  const { width, height } = moderationSize;
  const output = tidy(() => {
    const image = tensor4d(Float32Array.from(pixels.data), [1, height, width, 3]);
    return model.execute(div(image, 255));
  });
  if (Array.isArray(output)) throw new TypeError(`expected one output of the model but received ${output.length}`);
  try {
    const scores = await output.data();
    const entries = CLASSES.map((name, index) => [name, scores[index] ?? 0] as const);
    return Object.fromEntries(entries) as Record<ModerationClass, number>;
  } finally {
    output.dispose();
  }
};
