/** Numbers of a TIFF block in its own byte order; 0 outside the block. */
export interface Tiff {
  readonly length: number;
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
}

/** A TIFF block by its first two bytes (TIFF 6.0, section 2), or undefined for what is none. */
export const openTiff = (block: Buffer): Tiff | undefined => {
  const mark = block.toString('latin1', 0, 2);
  if (block.length < 8 || (mark !== 'II' && mark !== 'MM')) return undefined;
  const read = mark === 'II' ? block.readUIntLE.bind(block) : block.readUIntBE.bind(block);
  const numberAt = (at: number, bytes: number): number => (at + bytes > block.length ? 0 : read(at, bytes));
  return { length: block.length, u16: (at) => numberAt(at, 2), u32: (at) => numberAt(at, 4) };
};
