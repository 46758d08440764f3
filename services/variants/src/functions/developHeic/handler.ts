import { createS3Client } from '@darkroom/runtime/clients';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { createReadObject } from '@darkroom/runtime/read-object';
import { ladder } from '@darkroom/types/ladder';
import { limits } from '@darkroom/types/limits';
import { developInputSchema } from '@darkroom/types/workflow';
import { decodeHeic } from '../../adapters/libheif/index.ts';
import { createPutDeveloped } from '../../adapters/s3-developed.ts';
import { developHeic } from '../../core/develop/develop-heic.ts';

const s3 = createS3Client();
const ports = {
  readOriginal: createReadObject(s3),
  putDeveloped: createPutDeveloped(s3),
  decodeHeic,
  ladder,
  limits: limits.validate,
};

/** DevelopHeic of the workflow: `{ task, header }` → the file that stands in for the original's pixels. Throws ImageRejected. */
export const handler = makeHandler({
  logger: createLogger('variants'),
  input: developInputSchema,
  run: (input) => developHeic(ports, input),
  expectedErrors: ['ImageRejected'],
});
