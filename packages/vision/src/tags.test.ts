import { tagSchema } from '@darkroom/types/image';
import { memory } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { pixelsOf } from '../test/support/photographs.ts';
import { tagSizeOf, tagsOf } from './tags.ts';

const tag = async (name: string) => tagsOf(await pixelsOf(name, tagSizeOf));

describe('tagsOf', () => {
  it.each([
    ['cat', ['cat']],
    ['astronaut', ['person']],
    ['coffee', ['cup']],
    ['aeroplane', ['airplane']],
    // What COCO has no word for gets no tag.
    ['houses', []],
  ])('finds in the photograph of %s: %j', async (name, wanted) => {
    const tags = await tag(name);

    expect(tags.map((one) => one.name)).toEqual(wanted);
    for (const one of tags) expect(tagSchema.parse(one).score).toBeGreaterThanOrEqual(0.4);
  });

  it('finds nothing in an even grey', async () => {
    const size = tagSizeOf({ width: 4000, height: 3000 });
    await expect(tagsOf({ data: new Uint8Array(size.width * size.height * 3).fill(128), ...size })).resolves.toEqual(
      [],
    );
  });

  it('leaves no tensor behind, whatever the sizes', async () => {
    const upright = await pixelsOf('cat', () => ({ width: 288, height: 384 }));
    const wide = await pixelsOf('cat', tagSizeOf);
    await tagsOf(upright);
    const { numTensors, numBytes } = memory();

    for (let round = 0; round < 10; round += 1) {
      await tagsOf(upright);
      await tagsOf(wide);
    }

    expect(memory()).toMatchObject({ numTensors, numBytes });
  });

  it.each([
    { width: 100, height: 100 },
    { width: 0, height: 0 },
    { width: 1024, height: 1024 },
  ])('refuses pixels of a size that is not its own: %j', async ({ width, height }) => {
    const data = new Uint8Array(width * height * 3);
    await expect(tagsOf({ data, width, height })).rejects.toThrow(
      new RangeError(`expected a size by tagSizeOf for the pixels but received ${width} × ${height}`),
    );
  });
});

describe('tagSizeOf', () => {
  it('keeps the proportions of a photograph, nearly', () => {
    expect(tagSizeOf({ width: 4032, height: 3024 })).toEqual({ width: 384, height: 288 });
    expect(tagSizeOf({ width: 3024, height: 4032 })).toEqual({ width: 288, height: 384 });
  });

  it('stays within the budget for any picture', () => {
    const side = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const size = tagSizeOf({ width, height });
        expect([size.width % 32, size.height % 32]).toEqual([0, 0]);
        expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(192);
        expect(size.width * size.height).toBeLessThan(384 * 288 * 1.1);
      }),
    );
  });
});
