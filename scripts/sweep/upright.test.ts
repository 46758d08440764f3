import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { inspect } from '../../packages/imaging/src/header/inspect.ts';
import { limits } from '../../packages/types/src/limits.ts';
import { uprightFault } from './upright.ts';

const photograph = (orientation: number) => {
  const name = `../../services/variants/test/fixtures/landscape_${orientation}.jpg`;
  const original = readFileSync(new URL(name, import.meta.url));
  const parsed = inspect(original, original.length, limits.validate);
  if (parsed.kind !== 'header') throw new Error(`expected a header but received ${JSON.stringify(parsed)}`);
  return { original, header: parsed.header };
};
const ALL = [2, 3, 4, 5, 6, 7, 8];

describe('uprightFault', () => {
  it.each(ALL)('finds none in an upright rendition of orientation %d', async (orientation) => {
    const lying = photograph(orientation);
    const upright = await sharp(photograph(1).original).resize(320).jpeg().toBuffer();
    expect(await uprightFault(lying, upright)).toBeUndefined();
  });

  it.each(ALL)('finds a rendition of orientation %d that is left as it was stored', async (orientation) => {
    const lying = photograph(orientation);
    const asStored = await sharp(lying.original).resize(320).jpeg().toBuffer();
    expect(await uprightFault(lying, asStored)).toContain(`orientation ${orientation}`);
  });
});
