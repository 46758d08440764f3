import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutate, randomOf, writeMutants } from './mutants.ts';

const original = Buffer.from(Array.from({ length: 2000 }, (_, n) => n % 251));

describe('mutants', () => {
  it('are the same for the same seed, and others for another', () => {
    const some = (seed: number) => {
      const random = randomOf(seed);
      return Array.from({ length: 20 }, () => mutate(original, random).toString('hex'));
    };
    expect(some(1)).toEqual(some(1));
    expect(some(1)).not.toEqual(some(2));
    expect(new Set(some(1)).size).toBeGreaterThan(15);
  });

  it('leave the original as it is', () => {
    const before = original.toString('hex');
    const random = randomOf(3);
    for (let n = 0; n < 100; n++) mutate(original, random);
    expect(original.toString('hex')).toBe(before);
  });

  it('are made of files of any length', () => {
    const random = randomOf(4);
    for (let length = 0; length < 200; length++)
      for (let n = 0; n < 20; n++) expect(mutate(original.subarray(0, length), random).length).toBeLessThan(800);
  });

  it('are written from small files only, and removed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'darkroom-seeds-'));
    const [small, large] = ['small.bin', 'large.bin'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(small, original);
    writeFileSync(large, Buffer.alloc(70_000));
    const mutants = writeMutants([small, large], { count: 10, seed: 1 });
    expect(mutants.files).toHaveLength(10);
    expect(mutants.files.every((file) => readFileSync(file).length < 5000 && file.endsWith('small.bin'))).toBe(true);
    mutants.remove();
    expect(existsSync(mutants.folder)).toBe(false);
    expect(() => writeMutants([large], { count: 1, seed: 1 })).toThrow('expected files of at most');
    rmSync(folder, { recursive: true });
  });
});
