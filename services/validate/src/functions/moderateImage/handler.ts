import { createS3Client } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { makeHandler } from '@darkroom/runtime/handler';
import { createLogger } from '@darkroom/runtime/observability';
import { createReadObject } from '@darkroom/runtime/read-object';
import { policyOf } from '@darkroom/types/policies';
import { moderateInputSchema } from '@darkroom/types/workflow';
import { createModerator } from '../../adapters/moderator.ts';
import { moderateConfigSchema } from '../../config.ts';
import { moderateImage } from '../../core/moderate-image.ts';

const { MODERATOR } = loadConfig(moderateConfigSchema, process.env);
const logger = createLogger('validate');

const ports = {
  readOriginal: createReadObject(createS3Client()),
  moderator: createModerator(MODERATOR, (error) =>
    logger.warn('Rekognition could not be asked; the local model decides', { error }),
  ),
  policyOf: (tenant: string) => policyOf(tenant),
};

/** ModerateImage of the workflow: `{ task, header, metadata }` → scores and what the tenant's policy makes of them. Throws ImageRejected. */
export const handler = makeHandler({
  logger,
  input: moderateInputSchema,
  run: (input) => moderateImage(ports, input),
  expectedErrors: ['ImageRejected'],
});
