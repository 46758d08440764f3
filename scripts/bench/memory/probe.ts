// One function, one file, one fresh process: `probe.ts FUNCTION FILE`. Tells the memory before the first byte was read, and the peak.
import { open, readFile, stat } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { inspect } from '../../../packages/imaging/src/header/inspect.ts';
import type { ImageHeader } from '../../../packages/types/src/image.ts';
import { type Family, ladder } from '../../../packages/types/src/ladder.ts';
import { limits } from '../../../packages/types/src/limits.ts';
import { imageTask } from '../../support/image-task.ts';
import { peakBytes } from '../variants/usage.ts';
import type { Measured } from './functions.ts';

const peak = (): number => peakBytes(readFileSync('/proc/self/status', 'utf8'));
const [name, path] = process.argv.slice(2) as [Measured, string];
const { size } = await stat(path);

const task = imageTask({ key: path, bytes: size });

const readRange = async (_: unknown, first: number, last: number): Promise<Buffer> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(last - first + 1), 0, last - first + 1, first);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

/** The header as ValidateImage hands it on; it lies in the first mebibyte of every input but GIF, whose frames are counted. */
const headerOf = async (): Promise<ImageHeader> => {
  const first = await readRange(undefined, 0, Math.min(size, limits.validate.headerWidenedBytes) - 1);
  const parsed = inspect(first, size, limits.validate);
  if (parsed.kind === 'header') return parsed.header;
  const whole = inspect(await readFile(path), size, limits.validate);
  if (whole.kind !== 'header') throw new Error(`expected ${path} to be accepted but it was refused`);
  return whole.header;
};

/** Imports the function's core and answers how to run it on the file: what an invocation of a warm process does. */
const prepare = async (): Promise<() => Promise<unknown>> => {
  if (name === 'validateImage') {
    const { validateImage } = await import('../../../services/validate/src/core/validate-image.ts');
    return () => validateImage({ readRange, limits }, task);
  }
  const header = await headerOf();
  if (name === 'extractMetadata') {
    const { extractOffline } = await import('../../support/extract-offline.ts');
    return () => extractOffline({ readObject: () => readFile(path) }, { task, header });
  }
  const family = name.split(' ')[1] as Family;
  const { renderFamilyBytes } = await import('../../../services/variants/src/core/render-family.ts');
  return async () =>
    renderFamilyBytes({ original: await readFile(path), header, background: '#808080' }, header, { ladder, family });
};

const run = await prepare();
const baseBytes = peak();
const outcome = await run().then(
  () => ({}),
  (error: unknown) => ({ error: String(error) }),
);
process.send?.({ baseBytes, peakBytes: peak(), ...outcome });
