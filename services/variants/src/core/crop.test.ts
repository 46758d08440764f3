import fc from 'fast-check';
import { CENTRE, squareAround } from './crop.ts';

const sides = fc.record({ width: fc.integer({ min: 1, max: 20_000 }), height: fc.integer({ min: 1, max: 20_000 }) });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('squareAround', () => {
  it('is a square inside the picture, with the focal point in it', () => {
    fc.assert(
      fc.property(sides, fc.record({ x: share, y: share }), share, (picture, focus, of) => {
        const side = Math.max(1, Math.round(of * Math.min(picture.width, picture.height)));
        const { left, top, width, height } = squareAround(picture, side, focus);
        expect([width, height]).toEqual([side, side]);
        expect([left, top].every(Number.isInteger)).toBe(true);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(top).toBeGreaterThanOrEqual(0);
        expect(left + side).toBeLessThanOrEqual(picture.width);
        expect(top + side).toBeLessThanOrEqual(picture.height);
        // Of a side of one pixel the point may lie on the edge, by rounding.
        const [x, y] = [focus.x * picture.width, focus.y * picture.height];
        expect(x >= left - 0.5 && x <= left + side + 0.5).toBe(true);
        expect(y >= top - 0.5 && y <= top + side + 0.5).toBe(true);
      }),
    );
  });

  it.each([
    [{ x: 0, y: 0 }, 0, 0],
    [{ x: 1, y: 1 }, 200, 100],
    [CENTRE, 100, 50],
    [{ x: 0.5, y: 0.9 }, 100, 100],
    [{ x: 0.25, y: 0.5 }, 25, 50],
  ])('of 100 pixels in 300 × 200 around %j begins at %d, %d', (focus, left, top) => {
    expect(squareAround({ width: 300, height: 200 }, 100, focus)).toMatchObject({ left, top });
  });
});
