import { companionExamples } from './examples/companion.ts';
import { fileExamples } from './examples/files.ts';
import { imageExamples } from './examples/images.ts';
import { uploadExamples } from './examples/uploads.ts';
import type { RouteExample } from './examples/values.ts';

export type { RouteExample } from './examples/values.ts';

/** One example a route, by its id. */
export const examples: Readonly<Record<string, RouteExample>> = {
  ...uploadExamples,
  ...imageExamples,
  ...companionExamples,
  ...fileExamples,
};
