import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../link/random.ts';
import type { BenchFile } from './protocol.ts';

/** A messenger's picture, a phone's at three qualities, and a camera's. In bytes. */
export const SIZES = [300_000, 1_000_000, 3_000_000, 8_000_000, 25_000_000] as const;

/** The head of a baseline JPEG of 4,000 × 3,000 pixels up to its scan: the first-chunk verdict reads these and nothing after. */
const JPEG_HEAD = Buffer.concat([
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  Buffer.from('ffdb004300', 'hex'),
  Buffer.alloc(64, 16),
  Buffer.from('ffc0001108', 'hex'),
  Buffer.from([3000 >> 8, 3000 & 255, 4000 >> 8, 4000 & 255]),
  Buffer.from('03011100021101031101', 'hex'),
  Buffer.from('ffda000c03010002110311003f00', 'hex'),
]);

/** Seeded noise behind a real header: no link and no server can make it smaller. */
const noise = (size: number): Buffer => {
  const random = createRandom(`file/${size}`);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(Math.floor(random.next() * 2 ** 32), at);
  JPEG_HEAD.copy(bytes);
  bytes.writeUInt16BE(0xff_d9, size - 2);
  return bytes;
};

const describeFile = (path: string, name: string, bytes: Buffer): BenchFile => ({
  path,
  name,
  type: 'image/jpeg',
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

export const makeFile = async (dir: string, size: number): Promise<BenchFile> => {
  const bytes = noise(size);
  const name = `${size / 1e6}MB.jpg`;
  await writeFile(join(dir, name), bytes);
  return describeFile(join(dir, name), name, bytes);
};

/** At most as many photographs as there are sizes, from the smallest to the largest. Throws when the folder has no JPEG. */
export const photographs = async (dir: string): Promise<BenchFile[]> => {
  const names = (await readdir(dir)).filter((name) => /\.jpe?g$/i.test(name));
  if (names.length === 0) throw new Error(`expected JPEG files in --images but received none in ${dir}`);
  const files = await Promise.all(
    names.map(async (name) => describeFile(join(dir, name), name, await readFile(join(dir, name)))),
  );
  files.sort((a, b) => a.size - b.size);
  const wanted = Math.min(files.length, SIZES.length);
  const last = files.length - 1;
  return Array.from(
    { length: wanted },
    (_, n) => files[wanted === 1 ? last : Math.round((n * last) / (wanted - 1))],
  ).filter((file) => file !== undefined);
};
