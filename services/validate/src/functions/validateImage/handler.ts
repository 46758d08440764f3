import { createS3Client } from '@darkroom/runtime/clients';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { limits } from '@darkroom/types/limits';
import { validateInputSchema } from '@darkroom/types/workflow';
import { createReadRange } from '../../adapters/s3-ranges.ts';
import { validateImage } from '../../core/validate-image.ts';

const readRange = createReadRange(createS3Client());

/** ValidateImage of the workflow: `{ task }` → a verdict with the header, or with the reason. */
export const handler = makeHandler({
  logger: createLogger('validate'),
  input: validateInputSchema,
  run: ({ task }) => validateImage({ readRange, limits }, task),
});
