import { dirname, join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { enableProdMode, env, getBackend, setBackend } from '@tensorflow/tfjs-core';
import { lazily } from './lazily.ts';
import { packageFile } from './package-files.ts';

/** The only one of its three binaries that is asked for, and packed. */
const WASM = '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm';

/**
 * Starts TensorFlow.js on WebAssembly with SIMD, once in a process. One thread: a Lambda has one core or two, threads burn more
 * CPU for the same picture, and the bill counts CPU. Throws when the machine's WebAssembly has no SIMD (Node has had it since 16).
 */
export const startBackend = lazily(async () => {
  enableProdMode();
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths(join(dirname(packageFile(WASM)), '/'));
  if (!(await setBackend('wasm')))
    throw new Error(`expected the backend wasm of TensorFlow.js to start but received ${getBackend()}`);
});
