import { readFileSync } from 'node:fs';
import { header, strict } from '../../test/support/tasks.ts';
import { localModel } from './local-model.ts';

const bytes = readFileSync(new URL('../../../../packages/vision/test/fixtures/astronaut.jpg', import.meta.url));

describe('localModel', () => {
  it('looks at a real photograph and finds nothing to worry about', async () => {
    const opinion = await localModel({ bytes, header: header() }, strict);

    expect(Object.keys(opinion.scores)).toEqual(['drawing', 'hentai', 'neutral', 'porn', 'sexy']);
    expect(opinion.concern).toBe(
      Math.max(opinion.scores['porn'] ?? 1, opinion.scores['hentai'] ?? 1, opinion.scores['sexy'] ?? 1),
    );
    expect(opinion.concern).toBeLessThan(strict.askFrom);
  });

  it('refuses a picture that is cut off, for its own fault', async () => {
    await expect(localModel({ bytes: bytes.subarray(0, 20_000), header: header() }, strict)).rejects.toMatchObject({
      name: 'ImageRejected',
      code: 'TRUNCATED_OR_CORRUPT',
    });
  });
});
