import { crc32, deflateSync } from 'node:zlib';

/** Colour types of PNG (11.2.1) with their samples a pixel. */
const TYPES = { grey: [0, 1], rgb: [2, 3], palette: [3, 1], greyAlpha: [4, 2], rgba: [6, 4] } as const;

export interface PngPicture {
  readonly type: keyof typeof TYPES;
  readonly depth: 8 | 16;
  readonly width: number;
  readonly height: number;
  /** Samples row by row, 0 to 255 or to 65,535. */
  readonly samples: ArrayLike<number>;
  /** Chunks that stand before the pixels, by name. */
  readonly chunks?: readonly (readonly [name: string, data: Buffer])[];
  readonly interlaced?: boolean;
}

const chunk = (name: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
};

/** Rows of one pass: those pixels of the picture that it holds, each row after a filter byte of 0. */
const rows = (picture: PngPicture, [x0, y0, dx, dy]: readonly [number, number, number, number]): Buffer => {
  const { type, depth, width, height, samples } = picture;
  const [channels, bytes] = [TYPES[type][1], depth / 8];
  const [columns, lines] = [Math.ceil((width - x0) / dx), Math.ceil((height - y0) / dy)];
  if (columns <= 0 || lines <= 0) return Buffer.alloc(0);
  const out = Buffer.alloc(lines * (1 + columns * channels * bytes));
  let to = 0;
  for (let y = y0; y < height; y += dy) {
    to++;
    for (let x = x0; x < width; x += dx)
      for (let at = (y * width + x) * channels; at < (y * width + x + 1) * channels; at++)
        to = out.writeUIntBE(samples[at] ?? 0, to, bytes);
  }
  return out;
};

/** Passes of Adam7 (PNG, 8.1): first column and row, and the steps between. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A PNG written by hand, so that its pixels are known from the numbers put in. */
export const writePng = (picture: PngPicture): Buffer => {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(picture.width);
  head.writeUInt32BE(picture.height, 4);
  head.set([picture.depth, TYPES[picture.type][0], 0, 0, picture.interlaced === true ? 1 : 0], 8);
  const passes = picture.interlaced === true ? ADAM7 : ([[0, 0, 1, 1]] as const);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    ...(picture.chunks ?? []).map(([name, data]) => chunk(name, data)),
    chunk('IDAT', deflateSync(Buffer.concat(passes.map((pass) => rows(picture, pass))))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

/** The chunk that holds a colour profile (11.3.2.3). */
export const iccpChunk = (icc: Buffer): readonly [string, Buffer] => [
  'iCCP',
  Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]),
];
