import { prices } from '@darkroom/types/prices';
import { isHot, reencodeCost, savedBy, usualMegapixels } from './break-even.ts';

/** The photograph that the prices were measured with: 2.09 megapixels at 1600 pixels of width, 105,586 bytes at effort 0. */
const MEGAPIXELS = 1600 * 1307 * 1e-6;
const BYTES = 105_586;

const views = (gigabyte: number): number =>
  reencodeCost(MEGAPIXELS, prices) / savedBy(BYTES, { ...prices, cloudFront: { gigabyte } });

describe('the break-even', () => {
  it('lies where the measured photograph has it: about 97 views at the first price of a gigabyte, 414 at the last', () => {
    expect(views(0.085)).toBeCloseTo(97.3, 0);
    expect(views(0.02)).toBeCloseTo(413.7, 0);
  });

  it('is passed by bytes, so that a picture that codes badly pays sooner', () => {
    const at = (bytes: number) => isHot({ bytes, width: 1600, tier: 'n' }, prices);
    const needed = reencodeCost(usualMegapixels(1600), prices) / savedBy(1, prices);
    expect(at(needed - 1)).toBe(false);
    expect(at(needed + 1)).toBe(true);
    expect(needed / BYTES).toBeGreaterThan(70);
    expect(needed / BYTES).toBeLessThan(120);
  });

  it('takes more of a square than of a photograph as wide, which has fewer pixels', () => {
    const needed = (tier: 'n' | 's') => reencodeCost(usualMegapixels(640, tier), prices) / savedBy(1, prices);
    const between = { bytes: (needed('n') + needed('s')) / 2, width: 640 };
    expect([isHot({ ...between, tier: 'n' }, prices), isHot({ ...between, tier: 's' }, prices)]).toEqual([true, false]);
  });

  it('rises with the pixels', () => {
    const widths = [320, 640, 960, 1280, 1600, 2048];
    const costs = widths.map((width) => reencodeCost(usualMegapixels(width), prices));
    expect([...costs].sort((a, b) => a - b)).toEqual(costs);
  });
});
