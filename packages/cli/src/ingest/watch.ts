import type { PublicImage } from '@darkroom/types/api';
import type { ApiClient } from '../api/client.ts';

/** How often an image is asked for, in milliseconds, and how many of the oldest are asked for at once: about 20 calls a second. */
const POLL_MS = 250;
const WINDOW = 6;

export interface Watcher {
  /** Resolves with the terminal image, or undefined when `patienceMs` passed without any image of the run becoming terminal. */
  readonly terminal: (imageId: string) => Promise<PublicImage | undefined>;
  readonly stop: () => void;
}

const isTerminal = (image: PublicImage | undefined): image is PublicImage =>
  image !== undefined && image.status !== 'PROCESSING';

/** Watches many images with few calls: only the oldest few are polled, since they end in roughly the order they came. */
export const createWatcher = (api: ApiClient, patienceMs: number, now: () => number = Date.now): Watcher => {
  const waiting = new Map<string, (image: PublicImage | undefined) => void>();
  let lastProgress = now();

  const settle = (imageId: string, image: PublicImage | undefined): void => {
    lastProgress = now();
    waiting.get(imageId)?.(image);
    waiting.delete(imageId);
  };

  const poll = async (): Promise<void> => {
    const oldest = [...waiting.keys()].slice(0, WINDOW);
    await Promise.all(
      oldest.map(async (imageId) => {
        // An API that does not answer once is asked again; `patienceMs` bounds how often.
        const image = await api.image(imageId).catch(() => undefined);
        if (isTerminal(image)) settle(imageId, image);
      }),
    );
    if (now() - lastProgress < patienceMs) return;
    for (const imageId of [...waiting.keys()]) settle(imageId, undefined);
  };

  let busy = false;
  const timer = setInterval(() => {
    if (busy || waiting.size === 0) return;
    busy = true;
    void poll().finally(() => (busy = false));
  }, POLL_MS);

  return {
    terminal: (imageId) =>
      new Promise((resolve) => {
        if (waiting.size === 0) lastProgress = now();
        waiting.set(imageId, resolve);
      }),
    stop: () => clearInterval(timer),
  };
};
