import type { PublicImage } from '@darkroom/types/api';
import { ApiError } from '../api.ts';
import { follow, type Sight } from './follow.ts';

const image = (status: PublicImage['status']): PublicImage => ({ imageId: 'X', status }) as PublicImage;

/** Runs a follow over a list of answers, with a clock that only counts. */
const run = async (answers: (PublicImage | null | Error)[]) => {
  const sights: Sight[] = [];
  const waits: number[] = [];
  const ending = new AbortController();
  const getImage = async () => {
    const next = answers.shift();
    if (next === undefined) {
      ending.abort();
      return null;
    }
    if (next instanceof Error) throw next;
    return next;
  };
  const sleep = async (milliseconds: number) => void waits.push(Math.round(milliseconds));
  await follow(
    { getImage, sleep, random: () => 0.5 },
    { imageId: 'X', signal: ending.signal, onSight: (sight) => sights.push(sight) },
  );
  return { sights, waits };
};

describe('following an image through the pipeline', () => {
  it('looks until there is a verdict, more and more seldom', async () => {
    const { sights, waits } = await run([null, null, image('PROCESSING'), image('READY')]);
    expect(sights.map((sight) => sight.image?.status ?? null)).toEqual([null, null, 'PROCESSING', 'READY']);
    expect(waits).toEqual([500, 500, 700, 980]);
  });

  it('never waits longer than five seconds while the API answers', async () => {
    const { waits } = await run(Array.from({ length: 20 }, () => null));
    expect(Math.max(...waits)).toBe(5000);
  });

  it('keeps what it saw and goes on when the API is away for a while, waiting as long as it asks', async () => {
    const away = new ApiError('too busy', 503, { retryAfterMs: 9000 });
    const { sights, waits } = await run([image('PROCESSING'), away, image('READY')]);
    expect(sights[1]).toEqual({ image: image('PROCESSING'), trouble: 'too busy' });
    expect(sights[2]).toEqual({ image: image('READY'), trouble: null });
    expect(waits[2]).toBe(9000);
  });

  it('ends when the API refuses for good', async () => {
    const { sights } = await run([new ApiError('access ended', 401), image('READY')]);
    expect(sights).toEqual([{ image: null, trouble: 'access ended' }]);
  });

  it('says nothing more once it was ended', async () => {
    const ending = new AbortController();
    const getImage = async () => {
      ending.abort();
      return image('READY');
    };
    const onSight = import.meta.jest.fn();
    await follow(
      { getImage, sleep: async () => {}, random: () => 0 },
      { imageId: 'X', signal: ending.signal, onSight },
    );
    expect(onSight).not.toHaveBeenCalled();
  });
});
