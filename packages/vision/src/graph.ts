import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { io } from '@tensorflow/tfjs-core';
import { startBackend } from './backend.ts';

export type GraphModel = Awaited<ReturnType<typeof loadGraphModel>>;

/** One operation of a graph, as far as it is looked at. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly attr?: unknown;
}

/** A graph model as TensorFlow's converter writes it: `model.json` of the format `graph-model`. */
export interface GraphJson {
  readonly format: string;
  readonly modelTopology: { readonly node: readonly GraphNode[] };
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: io.WeightsManifestEntry[];
  }[];
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer =>
  new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;

/** Makes a graph ready to run from memory: nothing is fetched. `weights` holds the files of the manifest, one after the other. */
export const loadGraph = async (
  { format, modelTopology, weightsManifest }: GraphJson,
  weights: Buffer,
): Promise<GraphModel> => {
  await startBackend();
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  return loadGraphModel(io.fromMemory({ format, modelTopology, weightSpecs, weightData: bufferOf(weights) }));
};
