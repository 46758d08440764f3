import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type PublicImage, publicImageSchema } from '../../packages/types/src/api.ts';
import { sendForm } from '../openapi/support/uploading.ts';
import { clientConfig } from '../support/aws.ts';
import { holdBack } from '../support/hold-back.ts';
import { startSystem, type TestSystem } from '../support/system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startSystem();
}, 120_000);
afterAll(() => system.stop());

const call = async (method: string, path: string, json?: unknown) => {
  const answer = await fetch(`${system.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${system.mint()}`, 'content-type': 'application/json' },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, never> };
};

const imageWhen = async (imageId: string, wanted: PublicImage['status']): Promise<PublicImage> => {
  for (;;) {
    const { status, body } = await call('GET', `/images/${imageId}`);
    const image = status === 200 ? publicImageSchema.parse(body) : undefined;
    if (image?.status === wanted) return image;
    if (image !== undefined && image.status !== 'PROCESSING')
      throw new Error(`expected ${wanted} but received ${image.status}: ${image.reason?.message ?? ''}`);
    await sleep(100);
  }
};

const upload = async (): Promise<string> => {
  const file = await readFile(new URL('../../packages/vision/test/fixtures/cat.jpg', import.meta.url));
  const { body } = await call('POST', '/uploads', { size: file.length, contentType: 'image/jpeg', transport: 'post' });
  await sendForm(body['upload'] as never, file);
  return String(body['imageId']);
};

/** What happens every minute, now. */
const sweep = async (): Promise<void> => {
  const lambda = new LambdaClient(clientConfig(system.endpoint));
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: 'darkroom-monitoring-local-sweep' }));
  expect(FunctionError).toBeUndefined();
};

describe('a photograph', () => {
  it('is moderated on its way, held back, approved, and ready without being moderated again', async () => {
    const imageId = await upload();
    const first = await imageWhen(imageId, 'READY');
    expect(first.moderation).toMatchObject({ verdict: 'allowed', scores: { neutral: expect.any(Number) } });
    await holdBack(system.endpoint, imageId);
    expect(await imageWhen(imageId, 'REVIEW')).toMatchObject({
      url: null,
      variants: [],
      moderation: { verdict: 'review' },
    });

    const decision = await call('POST', `/images/${imageId}/review`, { decision: 'approve' });
    expect(decision).toMatchObject({ status: 200, body: { status: 'PROCESSING' } });
    await sweep();

    const last = await imageWhen(imageId, 'READY');
    expect(last.variants).toEqual(first.variants);
    expect(last.moderation).toEqual(first.moderation);
    expect((await call('POST', `/images/${imageId}/review`, { decision: 'approve' })).status).toBe(200);
    expect((await call('POST', `/images/${imageId}/review`, { decision: 'reject' })).body['code']).toBe('CONFLICT');
  });

  it('is held back and rejected for good', async () => {
    const imageId = await upload();
    await imageWhen(imageId, 'READY');
    await holdBack(system.endpoint, imageId);

    await call('POST', `/images/${imageId}/review`, { decision: 'reject' });
    await sweep();

    expect(await imageWhen(imageId, 'REJECTED')).toMatchObject({ reason: { code: 'NOT_ALLOWED' }, url: null });
  });
});
