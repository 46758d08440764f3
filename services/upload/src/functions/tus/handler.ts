import { createS3Client, createSsmClient } from '@darkroom/runtime/clients';
import { loadConfig } from '@darkroom/runtime/config';
import { createAuthenticator, httpHandler } from '@darkroom/runtime/http';
import { createLogger, createMetrics, MetricUnit } from '@darkroom/runtime/observability';
import { createSecretReader } from '@darkroom/runtime/secret';
import { limits } from '@darkroom/types/limits';
import { metricNames } from '@darkroom/types/metrics';
import { ulid } from 'ulid';
import { createTusStore } from '../../adapters/tus-store.ts';
import { apiConfigSchema } from '../../config.ts';
import { uploadPolicy } from '../../core/policy.ts';
import { createTusApp } from './app.ts';

const config = loadConfig(apiConfigSchema, process.env);
const metrics = createMetrics('upload', config.STAGE);
const secret = createSecretReader(createSsmClient(), config.TOKEN_SECRET_PARAMETER);

export const handler = httpHandler(
  createTusApp({
    logger: createLogger('upload'),
    auth: createAuthenticator(secret, Date.now),
    secret,
    store: createTusStore(createS3Client(), config.ORIGINALS_BUCKET),
    policy: uploadPolicy(limits.upload, {
      maxBytes: config.MAX_UPLOAD_BYTES,
      presignedSeconds: config.PRESIGNED_SECONDS,
    }),
    header: limits.validate,
    now: Date.now,
    newId: ulid,
    countUpload: () => {
      metrics.addMetric(metricNames.uploadsCreated, MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
    },
  }),
);
