import { ImageRejected } from '@darkroom/types/rejection';
import { pictureOf, strict } from '../../test/support/tasks.ts';
import type { Moderator, Opinion } from '../ports.ts';
import { cascade, orElse } from './moderators.ts';

const picture = pictureOf(Buffer.alloc(1));
const says = (concern: number, model = 'first') => {
  const asked: Parameters<Moderator>[] = [];
  const moderator: Moderator = (...given) => {
    asked.push(given);
    return Promise.resolve<Opinion>({ scores: { [`of ${model}`]: concern }, concern, model });
  };
  return { asked, moderator };
};
const away: Moderator = () => Promise.reject(new Error('AccessDeniedException'));
const undecodable: Moderator = () => Promise.reject(new ImageRejected('TRUNCATED_OR_CORRUPT'));
const failures = () => {
  const seen: unknown[] = [];
  return { seen, onFailure: (error: unknown) => void seen.push(error) };
};

describe('cascade', () => {
  it.each([
    [0, false],
    [0.39, false],
    [0.4, true],
    [0.97, true],
    [0.98, false],
    [1, false],
  ])('at a score of %d asks the second: %s', async (concern, asks) => {
    const second = says(0.1, 'second');

    const opinion = await cascade(says(concern).moderator, second.moderator, failures().onFailure)(picture, strict);

    expect(second.asked).toHaveLength(asks ? 1 : 0);
    expect(opinion.concern).toBe(asks ? 0.1 : concern);
  });

  it('asks nobody a second time for a tenant who shows everything anyway', async () => {
    const second = says(1, 'second');
    const relaxed = { ...strict, enforce: false };

    await cascade(says(0.9).moderator, second.moderator, failures().onFailure)(picture, relaxed);

    expect(second.asked).toEqual([]);
  });

  it('keeps the scores of both and names both', async () => {
    const opinion = await cascade(
      says(0.5).moderator,
      says(0.9, 'second').moderator,
      failures().onFailure,
    )(picture, strict);

    expect(opinion).toEqual({ scores: { 'of first': 0.5, 'of second': 0.9 }, concern: 0.9, model: 'first+second' });
  });

  it('lets the first decide while the second is away, and tells', async () => {
    const { seen, onFailure } = failures();

    const opinion = await cascade(says(0.85).moderator, away, onFailure)(picture, strict);

    expect(opinion).toEqual({ scores: { 'of first': 0.85 }, concern: 0.85, model: 'first' });
    expect(seen).toEqual([new Error('AccessDeniedException')]);
  });
});

describe('orElse', () => {
  it('asks the second only when the first is away', async () => {
    const second = says(0.2, 'second');
    const { seen, onFailure } = failures();

    await expect(orElse(says(0.5).moderator, second.moderator, onFailure)(picture, strict)).resolves.toMatchObject({
      model: 'first',
    });
    await expect(orElse(away, second.moderator, onFailure)(picture, strict)).resolves.toMatchObject({
      model: 'second',
    });
    expect(second.asked).toHaveLength(1);
    expect(seen).toHaveLength(1);
  });

  it('takes no damaged picture for a model that is away', async () => {
    const second = says(0.2, 'second');

    await expect(orElse(undecodable, second.moderator, failures().onFailure)(picture, strict)).rejects.toMatchObject({
      name: 'ImageRejected',
    });
    expect(second.asked).toEqual([]);
  });
});
