/**
 * Reads and writes the tag tables of EXIF (TIFF 6.0, section 2; EXIF 2.32, section 4.6). Values stay as the bytes they were, in the byte
 * order they were in; only the tables are made anew, so that nothing that was not chosen is carried along.
 */

export interface Tag {
  readonly id: number;
  readonly type: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Bytes of one value, by type (TIFF 6.0, page 15). */
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
export const SHORT = 3;
export const LONG = 4;
/** More entries than any camera writes (some 60): a table that claims more is not one. */
const MAX_ENTRIES = 512;
const ENTRY_BYTES = 12;

/** The bytes of a TIFF structure and their order. */
export interface Tiff {
  readonly view: DataView;
  readonly little: boolean;
  /** Where the first table starts. */
  readonly first: number;
}

/** Null for bytes that do not start as TIFF does. */
export const openTiff = (bytes: Uint8Array): Tiff | null => {
  if (bytes.length < 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = view.getUint16(0);
  const little = order === 0x4949;
  if ((!little && order !== 0x4d4d) || view.getUint16(2, little) !== 42) return null;
  return { view, little, first: view.getUint32(4, little) };
};

const readTag = ({ view, little }: Tiff, at: number): Tag | null => {
  const type = view.getUint16(at + 2, little);
  const count = view.getUint32(at + 4, little);
  const size = (TYPE_BYTES[type] ?? 0) * count;
  const start = size <= 4 ? at + 8 : view.getUint32(at + 8, little);
  if (size === 0 || start + size > view.byteLength) return null;
  return {
    id: view.getUint16(at, little),
    type,
    count,
    bytes: new Uint8Array(view.buffer, view.byteOffset + start, size),
  };
};

/** The tags of the table at `offset`; those that do not lie within the bytes are left out, and a table that does not is empty. */
export const readTable = (tiff: Tiff, offset: number): Tag[] => {
  const { view, little } = tiff;
  if (offset < 8 || offset + 2 > view.byteLength) return [];
  const entries = view.getUint16(offset, little);
  if (entries > MAX_ENTRIES || offset + 2 + entries * ENTRY_BYTES > view.byteLength) return [];
  const tags = Array.from({ length: entries }, (_, index) => readTag(tiff, offset + 2 + index * ENTRY_BYTES));
  return tags.filter((tag) => tag !== null);
};

/** The number that a SHORT or LONG tag holds, or null. */
export const numberOf = ({ little }: Pick<Tiff, 'little'>, tag: Tag | undefined): number | null => {
  if (tag?.count !== 1) return null;
  const view = new DataView(tag.bytes.buffer, tag.bytes.byteOffset, tag.bytes.byteLength);
  if (tag.type === SHORT) return view.getUint16(0, little);
  return tag.type === LONG ? view.getUint32(0, little) : null;
};

/** A tag of one number. */
export const numberTag = (
  id: number,
  value: number,
  { type, little }: { type: typeof SHORT | typeof LONG; little: boolean },
): Tag => {
  const bytes = new Uint8Array(type === SHORT ? 2 : 4);
  const view = new DataView(bytes.buffer);
  if (type === SHORT) view.setUint16(0, value, little);
  else view.setUint32(0, value, little);
  return { id, type, count: 1, bytes };
};

const even = (size: number): number => size + (size % 2);

/** Bytes that a table takes with the values that do not fit into its entries. */
const sizeOf = (tags: readonly Tag[]): number =>
  2 +
  tags.length * ENTRY_BYTES +
  4 +
  tags.reduce((sum, { bytes }) => sum + (bytes.length > 4 ? even(bytes.length) : 0), 0);

const writeTable = (
  target: Uint8Array,
  tags: readonly Tag[],
  { offset, little }: { offset: number; little: boolean },
) => {
  const view = new DataView(target.buffer);
  view.setUint16(offset, tags.length, little);
  let free = offset + 2 + tags.length * ENTRY_BYTES + 4;
  for (const [index, tag] of tags.entries()) {
    const at = offset + 2 + index * ENTRY_BYTES;
    view.setUint16(at, tag.id, little);
    view.setUint16(at + 2, tag.type, little);
    view.setUint32(at + 4, tag.count, little);
    if (tag.bytes.length > 4) {
      view.setUint32(at + 8, free, little);
      target.set(tag.bytes, free);
      free += even(tag.bytes.length);
    } else target.set(tag.bytes, at + 8);
  }
};

const HEADER_BYTES = 8;

/**
 * A TIFF structure of a main table and tables that it points to, each by the tag that is its key. Tags are sorted, as TIFF asks; there is
 * no second image.
 */
export const writeTiff = (
  little: boolean,
  main: readonly Tag[],
  pointed: ReadonlyMap<number, readonly Tag[]>,
): Uint8Array<ArrayBuffer> => {
  const sorted = (tags: readonly Tag[]): Tag[] => tags.toSorted((a, b) => a.id - b.id);
  const tables = [...pointed].filter(([, tags]) => tags.length > 0);
  const pointers = (offsets: readonly number[]) =>
    tables.map(([id], index) => numberTag(id, offsets[index] ?? 0, { type: LONG, little }));
  let end = HEADER_BYTES + sizeOf([...main, ...pointers([])]);
  const offsets = tables.map(([, tags]) => {
    const offset = end;
    end += sizeOf(tags);
    return offset;
  });
  const target = new Uint8Array(end);
  const view = new DataView(target.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, HEADER_BYTES, little);
  writeTable(target, sorted([...main, ...pointers(offsets)]), { offset: HEADER_BYTES, little });
  for (const [index, [, tags]] of tables.entries())
    writeTable(target, sorted(tags), { offset: offsets[index] ?? 0, little });
  return target;
};
