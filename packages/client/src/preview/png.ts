// Copied from https://github.com/evanw/thumbhash, MIT, Copyright (c) 2023 Evan Wallace: the licence is in thumbhash.ts.

/** CRC-32 by half bytes. */
const CRC_TABLE = [
  0, 498536548, 997073096, 651767980, 1994146192, 1802195444, 1303535960, 1342533948, -306674912, -267414716,
  -690576408, -882789492, -1687895376, -2032938284, -1609899400, -1111625188,
];
/** Modulus of Adler-32 (RFC 1950). */
const ADLER = 65521;

const big32 = (value: number): number[] => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];

const crc = (bytes: readonly number[]): number => {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    c = (c >>> 4) ^ (CRC_TABLE[c & 15] ?? 0);
    c = (c >>> 4) ^ (CRC_TABLE[c & 15] ?? 0);
  }
  return ~c;
};

const chunk = (type: string, data: readonly number[]): number[] => {
  const body = Array.from(type, (letter) => letter.charCodeAt(0)).concat(data);
  return [...big32(data.length), ...body, ...big32(crc(body))];
};

/** A PNG whose rows are stored as they are: quick, and 4 KB for the largest placeholder. */
export const rgbaToDataURL = (width: number, height: number, rgba: ArrayLike<number>): string => {
  const row = width * 4 + 1;
  const data = [120, 1];
  let a = 1;
  let b = 0;
  for (let y = 0; y < height; y++) {
    // A stored block a row (RFC 1951, 3.2.4); its first byte is the row's filter, none.
    data.push(y + 1 < height ? 0 : 1, row & 255, row >> 8, ~row & 255, (row >> 8) ^ 255, 0);
    b = (b + a) % ADLER;
    for (let i = y * width * 4; i < (y + 1) * width * 4; i++) {
      const value = (rgba[i] ?? 0) & 255;
      data.push(value);
      a = (a + value) % ADLER;
      b = (b + a) % ADLER;
    }
  }
  data.push(b >> 8, b & 255, a >> 8, a & 255);
  const bytes = [
    ...[137, 80, 78, 71, 13, 10, 26, 10],
    ...chunk('IHDR', [...big32(width), ...big32(height), 8, 6, 0, 0, 0]),
    ...chunk('IDAT', data),
    ...chunk('IEND', []),
  ];
  return `data:image/png;base64,${btoa(String.fromCharCode(...bytes))}`;
};
