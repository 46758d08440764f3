import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { ladder } from '../../../packages/types/src/ladder.ts';
import { byPhoto, lineOf, ratioOf, type Sample } from './aggregate.ts';
import { photosIn, spread } from './photos.ts';
import { scaleOf } from './scale.ts';
import { settingsOf } from './settings.ts';
import { childrenSeconds, peakBytes } from './usage.ts';
import { thumbnailArguments } from './vipsthumbnail.ts';

const sample = (changes: Partial<Sample>): Sample => ({
  subject: 'darkroom',
  photo: 'a.jpg',
  round: 1,
  cpuSeconds: 1,
  wallSeconds: 1,
  ...changes,
});

describe('aggregation', () => {
  const samples = [
    sample({ cpuSeconds: 1, peakBytes: 1e8 }),
    sample({ round: 2, cpuSeconds: 9, peakBytes: 3e8 }),
    sample({ round: 3, cpuSeconds: 2, peakBytes: 2e8 }),
    sample({ photo: 'b.jpg', cpuSeconds: 4 }),
    sample({ subject: 'naive', cpuSeconds: 20 }),
  ];

  it('takes the middle of the rounds of each photograph', () => {
    expect([...byPhoto(samples, 'darkroom', 'cpuSeconds')]).toEqual([
      ['a.jpg', 2],
      ['b.jpg', 4],
    ]);
  });

  it('compares over the photographs that both made, and no others', () => {
    expect(ratioOf(samples, 'cpuSeconds', ['darkroom', 'naive'])).toBe(0.1);
    expect(ratioOf(samples, 'cpuSeconds', ['darkroom', 'vipsthumbnail'])).toBeUndefined();
  });

  it('prints a photograph on average and the highest memory of any', () => {
    expect(lineOf(samples, 'darkroom')).toEqual({
      name: 'darkroom',
      photos: 2,
      cpuSeconds: 3,
      wallSeconds: 1,
      peakRssMegabytes: 200,
    });
    expect(lineOf(samples, 'naive')).not.toHaveProperty('peakRssMegabytes');
  });
});

describe('arguments of vipsthumbnail', () => {
  const file = (format: 'avif' | 'webp' | 'jpeg') => ({
    width: 640,
    height: 427,
    settings: settingsOf({ format, tier: 'n', quality: 61 }, ladder),
  });

  it('name both sides, the profile and the settings of the file', () => {
    const { effort } = ladder.encoders.avif.n;
    expect(thumbnailArguments('/in/a.jpg', file('avif'), '/out/3')).toEqual([
      '/in/a.jpg',
      '--size',
      '640x427!',
      '--export-profile',
      'srgb',
      '-o',
      `/out/3.avif[Q=61,effort=${effort},subsample-mode=on,bitdepth=8,strip]`,
    ]);
  });

  it('say in libvips words what sharp does for JPEG and WebP', () => {
    expect(thumbnailArguments('a', file('jpeg'), 'b').at(-1)).toBe(
      'b.jpeg[Q=61,interlace,optimize-coding,subsample-mode=on,strip]',
    );
    expect(thumbnailArguments('a', file('webp'), 'b').at(-1)).toBe('b.webp[Q=61,effort=4,strip]');
  });
});

describe('usage', () => {
  it('reads the time of children past a name with brackets and spaces', () => {
    const fields = ['S', ...Array.from({ length: 12 }, () => '7'), '150', '25', '20'];
    expect(childrenSeconds(`12 (a) b) ${fields.join(' ')}`)).toBe(1.75);
    expect(() => childrenSeconds('nothing')).toThrow(RangeError);
  });

  it('reads the peak, not what is resident now', () => {
    expect(peakBytes('VmPeak:\t 9000 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 1024 kB\n')).toBe(2_097_152);
    expect(() => peakBytes('VmRSS:\t 1024 kB\n')).toThrow(RangeError);
  });
});

describe('input', () => {
  it('is what Darkroom takes by its bytes, whatever the name, below every folder', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'variants-'));
    try {
      const picture = sharp({ create: { width: 30, height: 20, channels: 3, background: '#123456' } });
      await writeFile(join(dir, 'b.dat'), await picture.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer());
      await writeFile(join(dir, 'a.png'), await picture.clone().png().toBuffer());
      await writeFile(join(dir, 'c.jpg'), 'no picture');
      await writeFile(join(dir, 'd.tif'), await picture.clone().tiff().toBuffer());
      const photos = await photosIn(dir);
      expect(photos.map(({ path, width, height }) => [path, width, height])).toEqual([
        [join(dir, 'a.png'), 30, 20],
        [join(dir, 'b.dat'), 20, 30],
      ]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('is spread over a long list, and all of a short one', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toHaveLength(3);
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)[0]).toBe(0);
    expect(spread([0, 1, 2], 24)).toEqual([0, 1, 2]);
  });
});

describe('scale', () => {
  it('is the default but for what is asked', () => {
    expect(scaleOf(undefined)).toEqual({ photos: 24, rounds: 3, naive: 4 });
    expect(scaleOf('photos=2&naive=0')).toEqual({ photos: 2, rounds: 3, naive: 0 });
  });

  it.each(['rounds=0', 'rounds=two', 'speed=1'])('refuses %s', (text) => {
    expect(() => scaleOf(text)).toThrow(RangeError);
  });
});
