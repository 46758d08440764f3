import type { PublicImage } from '@darkroom/types/api';
import type { ApiClient } from '../api/client.ts';

/** How often the oldest images are asked for, in milliseconds, and how many that are not ready yet one round finds: a dozen calls a second. */
const POLL_MS = 250;
const LANES = 3;

export interface Watcher {
  /** Resolves with the terminal image, or undefined when `patienceMs` passed without any image of the run becoming terminal. */
  readonly terminal: (imageId: string) => Promise<PublicImage | undefined>;
  readonly stop: () => void;
}

const isTerminal = (image: PublicImage | undefined): image is PublicImage =>
  image !== undefined && image.status !== 'PROCESSING';

/** Watches many images with few calls: each ready one costs one, since they end in roughly the order they came. */
export const createWatcher = (api: ApiClient, patienceMs: number, now: () => number = Date.now): Watcher => {
  const waiting = new Map<string, (image: PublicImage | undefined) => void>();
  let lastProgress = now();

  const settle = (imageId: string, image: PublicImage | undefined): void => {
    lastProgress = now();
    waiting.get(imageId)?.(image);
    waiting.delete(imageId);
  };

  /** Asks for one image after the other, oldest first, until it meets one that is not terminal. */
  const lane = async (imageIds: IterableIterator<string>): Promise<void> => {
    for (const imageId of imageIds) {
      // An API that does not answer once is asked again; `patienceMs` bounds how often.
      const image = await api.image(imageId).catch(() => undefined);
      if (!isTerminal(image)) return;
      settle(imageId, image);
    }
  };

  const poll = async (): Promise<void> => {
    const oldestFirst = [...waiting.keys()].values();
    await Promise.all(Array.from({ length: LANES }, () => lane(oldestFirst)));
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
