import sharp, { type Sharp } from 'sharp';
import { prepare, type Rgb, similarity } from './ssimulacra2.ts';

const noisy = (width: number, height: number): Promise<Buffer> =>
  sharp({
    create: { width, height, channels: 3, background: '#777', noise: { type: 'gaussian', mean: 128, sigma: 25 } },
  })
    .blur(1.2)
    .png()
    .toBuffer();
const rgb = async (file: Buffer): Promise<Rgb> => {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

describe('similarity', () => {
  it('is 100 for the same picture and falls with the quality of a JPEG', async () => {
    const file = await noisy(160, 120);
    const reference = prepare(await rgb(file));
    const scores: number[] = [];
    for (const quality of [95, 70, 40, 10])
      scores.push(similarity(reference, prepare(await rgb(await sharp(file).jpeg({ quality }).toBuffer()))));
    expect(similarity(reference, reference)).toBe(100);
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
    expect(scores[0]).toBeGreaterThan(75);
    expect(scores[3]).toBeLessThan(40);
  });

  it('counts a shift of colour and a blur, each', async () => {
    const file = await noisy(96, 96);
    const reference = prepare(await rgb(file));
    const scoreOf = async (changed: Sharp) => similarity(reference, prepare(await rgb(await changed.png().toBuffer())));
    expect(await scoreOf(sharp(file).blur(3))).toBeLessThan(60);
    expect(await scoreOf(sharp(file).linear([1.2, 1, 0.9], [0, 0, 0]))).toBeLessThan(90);
  });

  it('refuses pictures of different sides', async () => {
    const [a, b] = [prepare(await rgb(await noisy(32, 32))), prepare(await rgb(await noisy(32, 40)))];
    expect(() => similarity(a, b)).toThrow(RangeError);
  });
});
