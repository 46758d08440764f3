import { policies } from '@darkroom/types/policies';
import { memory } from '@tensorflow/tfjs-core';
import { photographs, pixelsOf } from '../test/support/photographs.ts';
import { moderationSize, scoreModeration } from './moderation.ts';

const score = async (name: string) => scoreModeration(await pixelsOf(name, () => moderationSize));

describe('scoreModeration', () => {
  it.each(photographs)('gives every class its share of %s, and none that may not be shown much', async (name) => {
    const { drawing, neutral, ...rest } = await score(name);

    expect(Object.keys(rest).sort()).toEqual(['hentai', 'porn', 'sexy']);
    const sum = drawing + neutral + rest.hentai + rest.porn + rest.sexy;
    expect(sum).toBeCloseTo(1, 3);
    expect(Math.max(...Object.values(rest))).toBeLessThan(policies.default.moderation.reviewFrom / 4);
  });

  it('tells a photograph of cups from a flat drawing', async () => {
    const data = new Uint8Array(224 * 224 * 3).map((_, at) => ((at / 3) % 224 < 112 ? 255 : 40));
    const drawn = await scoreModeration({ data, ...moderationSize });
    const photographed = await score('coffee');

    expect(photographed.neutral).toBeGreaterThan(0.9);
    expect(drawn.neutral).not.toBeCloseTo(photographed.neutral, 2);
  });

  it('leaves no tensor behind, however often it is called, and answers the same', async () => {
    const first = await score('cat');
    const { numTensors, numBytes } = memory();

    for (let round = 0; round < 20; round += 1) expect(await score('cat')).toEqual(first);

    expect(memory()).toMatchObject({ numTensors, numBytes });
  });

  it('refuses pixels of another size, and too few of them', async () => {
    await expect(scoreModeration({ data: new Uint8Array(12), width: 2, height: 2 })).rejects.toThrow(
      new RangeError('expected 224 × 224 pixels for the model but received 2 × 2'),
    );
    await expect(scoreModeration({ data: new Uint8Array(12), ...moderationSize })).rejects.toThrow(
      new RangeError('expected 150528 bytes of pixels but received 12'),
    );
  });
});
