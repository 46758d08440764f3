/** CRC-32C (Castagnoli), reflected. */
const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC32_POLYNOMIAL = 0xedb88320;
/** CRC-64/NVME, reflected. */
const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
const MASK64 = 0xffff_ffff_ffff_ffffn;
/** Eight tables, so that eight bytes go through one round (slicing-by-8). */
const SLICES = 8;

function buildTables32(polynomial: number): Uint32Array {
  const table = new Uint32Array(SLICES * 256);
  for (let index = 0; index < 256; index += 1) {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[index] = value;
  }
  for (let index = 256; index < table.length; index += 1) {
    const before = table[index - 256] ?? 0;
    table[index] = (before >>> 8) ^ (table[before & 0xff] ?? 0);
  }
  return table;
}

let tables32c: Uint32Array | undefined;

/** CRC-32C of `data`, continuing `crc` (0 to begin). */
export function crc32c(data: Uint8Array, crc = 0): number {
  tables32c ??= buildTables32(CRC32C_POLYNOMIAL);
  // One flat table: `slice * 256 + byte`. Indices are masked or bounded, so the fallbacks are for the type checker only.
  const table = tables32c;
  const whole = data.length - (data.length % SLICES);
  let value = ~crc >>> 0;
  let at = 0;
  for (; at < whole; at += SLICES) {
    value ^= byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24);
    value =
      entry(table, 1792 + (value & 0xff)) ^
      entry(table, 1536 + ((value >>> 8) & 0xff)) ^
      entry(table, 1280 + ((value >>> 16) & 0xff)) ^
      entry(table, 1024 + (value >>> 24)) ^
      entry(table, 768 + byte(data, at + 4)) ^
      entry(table, 512 + byte(data, at + 5)) ^
      entry(table, 256 + byte(data, at + 6)) ^
      entry(table, byte(data, at + 7));
  }
  for (; at < data.length; at += 1) value = (value >>> 8) ^ entry(table, (value ^ byte(data, at)) & 0xff);
  return ~value >>> 0;
}

const byte = (data: Uint8Array, at: number): number => data[at] ?? 0;
const entry = (table: Uint32Array, at: number): number => table[at] ?? 0;

/** High and low halves of the CRC-64 table: BigInt arithmetic per byte would be thirty times slower. */
let table64: { high: Uint32Array; low: Uint32Array } | undefined;

function buildTable64(): { high: Uint32Array; low: Uint32Array } {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ CRC64NVME_POLYNOMIAL : value >> 1n;
    high[index] = Number(value >> 32n);
    low[index] = Number(value & 0xffff_ffffn);
  }
  return { high, low };
}

/** CRC-64/NVME of `data`, continuing `crc` (0n to begin). */
export function crc64nvme(data: Uint8Array, crc = 0n): bigint {
  table64 ??= buildTable64();
  const { high, low } = table64;
  const start = crc ^ MASK64;
  let [h, l] = [Number(start >> 32n), Number(start & 0xffff_ffffn)];
  for (const byte of data) {
    const index = (l ^ byte) & 0xff;
    l = (((l >>> 8) | (h << 24)) ^ (low[index] ?? 0)) >>> 0;
    h = ((h >>> 8) ^ (high[index] ?? 0)) >>> 0;
  }
  return ((BigInt(h) << 32n) | BigInt(l)) ^ MASK64;
}

function multiply(matrix: readonly bigint[], vector: bigint): bigint {
  let [sum, rest, row] = [0n, vector, 0];
  for (; rest > 0n; rest >>= 1n, row += 1) if (rest & 1n) sum ^= matrix[row] ?? 0n;
  return sum;
}

const square = (matrix: readonly bigint[]): bigint[] => matrix.map((row) => multiply(matrix, row));

export type CrcName = 'CRC32' | 'CRC32C' | 'CRC64NVME';
const SHAPES: Readonly<Record<CrcName, { width: number; polynomial: bigint }>> = {
  CRC32: { width: 32, polynomial: BigInt(CRC32_POLYNOMIAL) },
  CRC32C: { width: 32, polynomial: BigInt(CRC32C_POLYNOMIAL) },
  CRC64NVME: { width: 64, polynomial: CRC64NVME_POLYNOMIAL },
};

/** The CRC of A followed by B, from the CRCs of both and the length of B in bytes (zlib's crc32_combine). */
export function combineCrc(name: CrcName, first: bigint, second: { crc: bigint; length: number }): bigint {
  const { width, polynomial } = SHAPES[name];
  // The operator that shifts one zero bit in; squaring it three times shifts a byte.
  let operator = [polynomial, ...Array.from({ length: width - 1 }, (_, bit) => 1n << BigInt(bit))];
  for (let times = 0; times < 3; times += 1) operator = square(operator);
  let shifted = first;
  for (let left = second.length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) shifted = multiply(operator, shifted);
    operator = square(operator);
  }
  return shifted ^ second.crc;
}
