import { found, more, type Parsed, reject } from '../outcome.ts';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;

/** Bytes of a colour table from its packed flags; none when the high bit is clear (GIF89a, sections 18 and 20). */
const tableBytes = (packed: number): number => ((packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1));

/** Offset after a run of data sub-blocks, or undefined when the bytes end first. */
const skipBlocks = (bytes: Buffer, from: number): number | undefined => {
  let at = from;
  for (;;) {
    const size = bytes[at];
    if (size === undefined) return undefined;
    at += size + 1;
    if (size === 0) return at;
  }
};

interface Walk {
  frames: number;
  transparent: boolean;
  /** Logical screen, or the first frame where a file leaves the screen empty. */
  width: number;
  height: number;
}

const takeImage = (bytes: Buffer, at: number, walk: Walk): number | undefined => {
  if (at + 11 > bytes.length) return undefined;
  walk.frames++;
  if (walk.width === 0) walk.width = bytes.readUInt16LE(at + 5);
  if (walk.height === 0) walk.height = bytes.readUInt16LE(at + 7);
  return skipBlocks(bytes, at + 10 + tableBytes(bytes[at + 9] ?? 0) + 1);
};

const takeExtension = (bytes: Buffer, at: number, walk: Walk): number | undefined => {
  if (bytes[at + 1] === GRAPHIC_CONTROL && ((bytes[at + 3] ?? 0) & 1) === 1) walk.transparent = true;
  return skipBlocks(bytes, at + 2);
};

/** Offset after the block at `at`; undefined when the bytes end inside it. */
const takeBlock = (bytes: Buffer, at: number, walk: Walk): number | undefined => {
  if (bytes[at] === IMAGE) return takeImage(bytes, at, walk);
  if (bytes[at] === EXTENSION) return takeExtension(bytes, at, walk);
  // Stray bytes between blocks are passed over, as browsers and libnsgif do.
  return at < bytes.length ? at + 1 : undefined;
};

const headerOf = ({ width, height, frames, transparent }: Walk): Parsed =>
  found({
    format: 'gif',
    width,
    height,
    orientation: 1,
    frames,
    progressive: false,
    hasAlpha: transparent,
    channels: transparent ? 4 : 3,
  });

/** Counts frames by their block lengths, without unpacking any, up to one more than `maxFrames`. Needs the whole file. */
export const parseGif =
  (maxFrames: number) =>
  (bytes: Buffer, fileBytes: number): Parsed => {
    if (bytes.length < 13) return more;
    const walk: Walk = { frames: 0, transparent: false, width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
    let at: number | undefined = 13 + tableBytes(bytes[10] ?? 0);
    while (at !== undefined && walk.frames <= maxFrames && bytes[at] !== TRAILER) at = takeBlock(bytes, at, walk);
    const isCutOff = at === undefined;
    // When there is nothing more to read, the decoder judges a file that is cut off: its first frame may be there.
    if (isCutOff && (bytes.length < fileBytes || walk.frames === 0)) return more;
    return walk.frames === 0 ? reject('CORRUPT_HEADER') : headerOf(walk);
  };
