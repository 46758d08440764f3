import type { PublicImage } from '@darkroom/types/api';
import { ApiError } from '../api.ts';

/** What is known of a stored image. `image` is null until the pipeline has claimed it; `trouble` says why nobody can tell. */
export interface Sight {
  readonly image: PublicImage | null;
  readonly trouble: string | null;
}

export interface FollowPorts {
  readonly getImage: (imageId: string, signal: AbortSignal) => Promise<PublicImage | null>;
  /** Settles after so many milliseconds, or at once when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface FollowOrder {
  readonly imageId: string;
  readonly signal: AbortSignal;
  readonly onSight: (sight: Sight) => void;
}

/** A small photograph is developed in about a second; an earlier look would find nothing. */
const FIRST_WAIT_MS = 500;
const GROWTH = 1.4;
/** Later looks are for images that wait in a queue; one in five seconds costs the API little. */
const LONGEST_WAIT_MS = 5000;
/** While the API does not answer, or the pipeline is stopped, nobody gains from looking more often. */
const LONGEST_TROUBLED_WAIT_MS = 30_000;
/** Spreads the looks of many images over time. */
const JITTER = 0.2;

const lookOnce = async (ports: FollowPorts, { imageId, signal }: FollowOrder): Promise<Sight | ApiError> => {
  try {
    return { image: await ports.getImage(imageId, signal), trouble: null };
  } catch (error) {
    return error instanceof ApiError ? error : new ApiError('The API does not answer.', 0, { cause: error });
  }
};

/** Codes below 500 are about us; asking again changes nothing. 0 is no answer at all. */
const isFinal = ({ status }: ApiError): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429;

/**
 * Looks at an image, politely, until the pipeline has judged it, the API refuses us for good, or the signal is aborted.
 * A 404 means that the pipeline has not claimed it yet.
 */
export const follow = async (ports: FollowPorts, order: FollowOrder): Promise<void> => {
  const { signal, onSight } = order;
  let wait = FIRST_WAIT_MS;
  let last: PublicImage | null = null;
  await ports.sleep(wait, signal);
  while (!signal.aborted) {
    const seen = await lookOnce(ports, order);
    // Aborted in the middle: whoever ended it asks for no more news. TypeScript does not see that await may change it.
    if ((signal as { readonly aborted: boolean }).aborted) return;
    let longest = LONGEST_WAIT_MS;
    let least = 0;
    if (seen instanceof ApiError) {
      onSight({ image: last, trouble: seen.message });
      if (isFinal(seen)) return;
      longest = LONGEST_TROUBLED_WAIT_MS;
      least = seen.retryAfterMs ?? 0;
    } else {
      last = seen.image;
      onSight(seen);
      if (last !== null && last.status !== 'PROCESSING') return;
    }
    await ports.sleep(Math.max(least, wait * (1 - JITTER + 2 * JITTER * ports.random())), signal);
    wait = Math.min(wait * GROWTH, longest);
  }
};
