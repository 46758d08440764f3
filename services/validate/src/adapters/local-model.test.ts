import { readFileSync } from 'node:fs';
import { pictureOf, strict } from '../../test/support/tasks.ts';
import { localModel } from './local-model.ts';

const bytes = readFileSync(new URL('../../../../packages/vision/test/fixtures/astronaut.jpg', import.meta.url));

describe('localModel', () => {
  it('looks at a real photograph and finds nothing to worry about', async () => {
    const opinion = await localModel(pictureOf(bytes), strict);

    expect(Object.keys(opinion.scores)).toEqual(['drawing', 'hentai', 'neutral', 'porn', 'sexy']);
    expect(opinion.concern).toBe(
      Math.max(opinion.scores['porn'] ?? 1, opinion.scores['hentai'] ?? 1, opinion.scores['sexy'] ?? 1),
    );
    expect(opinion.concern).toBeLessThan(strict.askFrom);
  });

  it('asks for no more than the small picture', async () => {
    const { small } = pictureOf(bytes);
    const whole = () => Promise.reject(new Error('expected nobody to read the original'));

    await expect(localModel({ small, whole }, strict)).resolves.toMatchObject({ concern: expect.any(Number) });
  });

  it('refuses a picture that is cut off, for its own fault', async () => {
    await expect(localModel(pictureOf(bytes.subarray(0, 20_000)), strict)).rejects.toMatchObject({
      name: 'ImageRejected',
      code: 'TRUNCATED_OR_CORRUPT',
    });
  });
});
