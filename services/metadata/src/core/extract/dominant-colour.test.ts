import { dominantColour } from './dominant-colour.ts';

const previewOf = (...pixels: readonly (readonly [number, number, number, number])[]) => ({
  data: new Uint8Array(pixels.flat()),
  width: pixels.length,
  height: 1,
});

describe('dominantColour', () => {
  it('is the mean of the colours that most pixels are close to', () => {
    const preview = previewOf([200, 16, 16, 255], [202, 18, 18, 255], [0, 0, 255, 255]);
    expect(dominantColour(preview)).toBe('#c91111');
  });

  it('does not see what is transparent', () => {
    const preview = previewOf([0, 255, 0, 0], [0, 255, 0, 0], [255, 0, 0, 255], [0, 255, 0, 20]);
    expect(dominantColour(preview)).toBe('#ff0000');
  });

  it('is white where nothing can be seen', () => {
    expect(dominantColour(previewOf([1, 2, 3, 0]))).toBe('#ffffff');
  });
});
