import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { tokenSecretParameter } from '../../../packages/types/src/parameters.ts';
import { type Measurement, rounded } from '../harness.ts';
import type { Servers } from './servers.ts';

/** Time of one `POST /uploads` in a warm process of the function, event to answer, and of bare HMAC and presigning in the same process. */
export const measureSigning = async ({ endpoints, bucket }: Servers) => {
  const child = fork(fileURLToPath(new URL('sign-process.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL: endpoints.s3,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      STAGE: 'local',
      ORIGINALS_BUCKET: bucket,
      TOKEN_SECRET_PARAMETER: tokenSecretParameter('local'),
      BENCH_TOKEN: endpoints.token,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(() => {
    throw new Error('expected the process that measures signing to answer but it ended');
  });
  const [{ handlerMs, floorMs }] = (await Promise.race([once(child, 'message'), died])) as [
    { handlerMs: number; floorMs: number },
  ];
  const result: Measurement = { name: 'sign', ms: rounded(handlerMs), floorMs: rounded(floorMs) };
  return { result, ratios: { 'sign/floor': rounded(handlerMs / floorMs) } };
};
