import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Seeds are small, so that damage hits what matters and a run is short. In bytes. */
const LARGEST_SEED = 65_536;

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty to choose damage, and a seed repeats it. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Values that parsers trip over: none, all, signs, off by one. */
const TRAPS = [0x00, 0xff, 0x7f, 0x80, 0x01, 0xfe];

type Damage = (bytes: Buffer, random: () => number) => Buffer;
/** Half of all damage goes to the first 512 bytes, where headers are. */
const place = (bytes: Buffer, random: () => number): number =>
  Math.floor(random() * (random() < 0.5 ? Math.min(512, bytes.length) : bytes.length));

const damages: readonly Damage[] = [
  (bytes, random) => {
    for (let flips = 1 + Math.floor(random() * 8); flips > 0; flips--)
      bytes[place(bytes, random)] = Math.floor(random() * 256);
    return bytes;
  },
  (bytes, random) => {
    const at = place(bytes, random);
    return bytes.fill(
      TRAPS[Math.floor(random() * TRAPS.length)] ?? 0,
      at,
      Math.min(bytes.length, at + 1 + Math.floor(random() * 4)),
    );
  },
  (bytes, random) => bytes.subarray(0, Math.ceil(random() * bytes.length)),
  (bytes, random) => {
    const at = place(bytes, random);
    const piece = bytes.subarray(at, at + Math.floor(random() * 256));
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
  (bytes, random) => {
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + Math.floor(random() * 256))]);
  },
];

/** A damaged copy: one or two kinds of damage, as `random` has it. */
export const mutate = (original: Buffer, random: () => number): Buffer => {
  let bytes = Buffer.from(original);
  for (let times = 1 + Math.floor(random() * 2); times > 0 && bytes.length > 0; times--)
    bytes = Buffer.from((damages[Math.floor(random() * damages.length)] ?? damages[0])?.(bytes, random) ?? bytes);
  return bytes;
};

export interface Mutants {
  readonly folder: string;
  readonly files: readonly string[];
  readonly remove: () => void;
}

/** Writes damaged copies of the small ones of some files to a temporary folder. The same seed and files make the same copies. */
export const writeMutants = (files: readonly string[], { count, seed }: { count: number; seed: number }): Mutants => {
  const seeds = files.filter((file) => statSync(file).size <= LARGEST_SEED && statSync(file).size > 0);
  if (seeds.length === 0) throw new Error(`expected files of at most ${LARGEST_SEED} bytes but received none`);
  const folder = mkdtempSync(join(tmpdir(), 'darkroom-mutants-'));
  const random = randomOf(seed);
  const written = Array.from({ length: count }, (_, n) => {
    const source = seeds[Math.floor(random() * seeds.length)] ?? '';
    const file = join(folder, `${String(n).padStart(6, '0')}-${basename(source)}`);
    writeFileSync(file, mutate(readFileSync(source), random));
    return file;
  });
  return { folder, files: written, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
