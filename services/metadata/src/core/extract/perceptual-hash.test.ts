import { perceptualHash } from './perceptual-hash.ts';
import type { Preview } from './pixels.ts';

const previewOf = (width: number, height: number, shade: (x: number, y: number) => number): Preview => {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    const value = shade(at % width, Math.floor(at / width));
    data.set([value, value, value, 255], at * 4);
  }
  return { data, width, height };
};

describe('perceptualHash', () => {
  it('sets a bit where brightness rises to the right', () => {
    expect(perceptualHash(previewOf(90, 80, (x) => x * 2))).toBe('ffffffffffffffff');
    expect(perceptualHash(previewOf(90, 80, (x) => 255 - x * 2))).toBe('0000000000000000');
    expect(perceptualHash(previewOf(90, 80, () => 77))).toBe('0000000000000000');
  });

  it('writes rows from the top, most significant bit first', () => {
    expect(perceptualHash(previewOf(90, 80, (x, y) => (y < 10 ? x * 2 : 0)))).toBe('ff00000000000000');
  });

  it('does not depend on size, and works below the size of its grid', () => {
    const shade = (width: number, height: number) => (x: number, y: number) =>
      127 + 60 * Math.sin((9 * x) / width + 1) + 60 * Math.cos((11 * x) / width + (5 * y) / height);
    const [large, small] = [previewOf(100, 80, shade(100, 80)), previewOf(50, 40, shade(50, 40))];
    const differing = BigInt(`0x${perceptualHash(large)}`) ^ BigInt(`0x${perceptualHash(small)}`);
    expect(differing.toString(2).replaceAll('0', '').length).toBeLessThan(10);
    expect(perceptualHash(previewOf(1, 1, () => 9))).toBe('0000000000000000');
  });
});
