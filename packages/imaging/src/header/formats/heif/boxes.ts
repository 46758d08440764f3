/** A box of the ISO base media file format (ISO/IEC 14496-12, 4.2): offsets of its content in the buffer. */
export interface Box {
  readonly type: string;
  readonly start: number;
  /** Where the box ends by its own word: may lie behind the end of the bytes at hand. */
  readonly end: number;
}

/** Size and header length of the box at `at`. Size 1 means a 64-bit size follows, size 0 "to the end". */
const sizeAt = (bytes: Buffer, at: number, limit: number): { size: number; header: number } | undefined => {
  const size = bytes.readUInt32BE(at);
  if (size === 0) return { size: limit - at, header: 8 };
  if (size !== 1) return { size, header: 8 };
  if (at + 16 > bytes.length) return undefined;
  return { size: Number(bytes.readBigUInt64BE(at + 8)), header: 16 };
};

/** Boxes between two offsets whose headers are in the bytes. Ends at the first one that cannot be (shorter than its header). */
export function* boxesIn(bytes: Buffer, start: number, end: number): Generator<Box> {
  let at = start;
  while (at + 8 <= Math.min(end, bytes.length)) {
    const sized = sizeAt(bytes, at, end);
    if (sized === undefined || sized.size < sized.header) return;
    yield { type: bytes.toString('latin1', at + 4, at + 8), start: at + sized.header, end: at + sized.size };
    at += sized.size;
  }
}

/** First box of a type, or undefined. */
export const findBox = (boxes: Iterable<Box>, type: string): Box | undefined => {
  for (const box of boxes) if (box.type === type) return box;
  return undefined;
};

/** A reader of big-endian numbers that runs forward. Throws RangeError at the end of the bytes, as Buffer does. */
export const readerAt = (bytes: Buffer, start: number) => {
  let at = start;
  const take = (size: number): number => {
    const value = bytes.readUIntBE(at, size);
    at += size;
    return value;
  };
  return {
    u8: () => take(1),
    u16: () => take(2),
    u32: () => take(4),
    skip: (count: number) => void (at += count),
    text: (length: number) => {
      const text = bytes.toString('latin1', at, at + length);
      at += length;
      return text;
    },
  };
};
