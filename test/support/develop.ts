import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PublicImage } from '../../packages/types/src/api.ts';
import { type Bytes, sendForm } from '../openapi/support/uploading.ts';
import type { TestSystem } from './system.ts';

/** A photograph of packages/cli/samples; its licence stands beside it. */
export const sample = (name: string): Bytes =>
  new Uint8Array(readFileSync(new URL(`../../packages/cli/samples/${name}`, import.meta.url)));

const authorised = (system: TestSystem) => ({ authorization: `Bearer ${system.mint()}` });

export const imageOf = async (system: TestSystem, imageId: string): Promise<PublicImage> => {
  const answer = await fetch(`${system.api}/images/${imageId}`, { headers: authorised(system) });
  if (!answer.ok) throw new Error(`expected the image ${imageId} but received ${answer.status}`);
  return (await answer.json()) as PublicImage;
};

/** Sends a file by one form. Answers its id. */
export const send = async (system: TestSystem, file: Bytes, contentType = 'image/jpeg'): Promise<string> => {
  const answer = await fetch(`${system.api}/uploads`, {
    method: 'POST',
    headers: authorised(system),
    body: JSON.stringify({ size: file.length, contentType }),
  });
  const { imageId, upload } = (await answer.json()) as { imageId: string; upload: Parameters<typeof sendForm>[0] };
  await sendForm(upload, file);
  return imageId;
};

/** Waits until `done` answers something. @throws after `seconds` */
export const until = async <T>(done: () => Promise<T | undefined>, seconds = 45): Promise<T> => {
  const limit = Date.now() + seconds * 1000;
  for (;;) {
    const found = await done();
    if (found !== undefined) return found;
    if (Date.now() > limit) throw new Error(`expected an end within ${seconds} s`);
    await sleep(100);
  }
};

/** Waits for the verdict of an image that is on its way. */
export const verdict = (system: TestSystem, imageId: string): Promise<PublicImage> =>
  until(async () => {
    const answer = await fetch(`${system.api}/images/${imageId}`, { headers: authorised(system) });
    const image = answer.ok ? ((await answer.json()) as PublicImage) : undefined;
    return image === undefined || image.status === 'PROCESSING' ? undefined : image;
  });

/** Sends a photograph and waits until it is READY. */
export const developed = async (system: TestSystem, file: Bytes): Promise<PublicImage> => {
  const image = await verdict(system, await send(system, file));
  if (image.status !== 'READY') throw new Error(`expected a photograph to be READY but it is ${image.status}`);
  return image;
};

/** `v/{imageId}/{version}`: what the keys of an image's renditions begin with. */
export const prefixOf = ({ variants }: PublicImage): string =>
  new URL(variants[0]?.url ?? '').pathname.slice(1).replace(/\/[^/]*$/, '');
