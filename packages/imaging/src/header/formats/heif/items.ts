import { type Box, boxesIn, findBox, readerAt } from './boxes.ts';

/** Items, references and properties looked at: a photograph in tiles has some hundreds, more is a trap. */
const MAX_ENTRIES = 4096;

/** Kinds of an item reference (ISO/IEC 23008-12, 6.6): what an image is put together from, and what belongs to it. */
export interface References {
  /** Item id → the items it is derived from, as often as they are used. */
  readonly derivedFrom: ReadonlyMap<number, readonly number[]>;
  /** Item id → auxiliary images (alpha, depth, gain map) that name it. */
  readonly auxiliaries: ReadonlyMap<number, readonly number[]>;
}

export interface Items extends References {
  readonly primary: number;
  /** Coding of every item (`av01`, `hvc1`, `grid`, `Exif`, …). */
  readonly types: ReadonlyMap<number, string>;
  /** Item id → its properties in the order in which they apply. */
  readonly properties: ReadonlyMap<number, readonly Box[]>;
}

/** Primary item id (ISO/IEC 14496-12, 8.11.4). */
const readPrimary = (bytes: Buffer, { start }: Box): number => {
  const read = readerAt(bytes, start);
  const version = read.u8();
  read.skip(3);
  return version === 0 ? read.u16() : read.u32();
};

/** Item types of the item information box (8.11.6); entries of version 0 and 1 have none and are of no image. */
const readTypes = (bytes: Buffer, { start, end }: Box): Map<number, string> => {
  const read = readerAt(bytes, start);
  const entriesAt = start + (read.u8() === 0 ? 6 : 8);
  const types = new Map<number, string>();
  for (const box of boxesIn(bytes, entriesAt, end)) {
    if (types.size >= MAX_ENTRIES) break;
    const entry = readerAt(bytes, box.start);
    const version = entry.u8();
    if (box.type !== 'infe' || version < 2) continue;
    entry.skip(3);
    const id = version === 2 ? entry.u16() : entry.u32();
    entry.skip(2);
    types.set(id, entry.text(4));
  }
  return types;
};

/** Property indexes (from 1) by item in one item property association box (ISO/IEC 23008-12, 9.3). */
const readAssociations = (bytes: Buffer, { start }: Box, into: Map<number, number[]>): void => {
  const read = readerAt(bytes, start);
  const version = read.u8();
  read.skip(2);
  const wide = (read.u8() & 1) === 1;
  const entries = Math.min(read.u32(), MAX_ENTRIES);
  for (let entry = 0; entry < entries; entry++) {
    const id = version === 0 ? read.u16() : read.u32();
    const indexes = Array.from({ length: read.u8() }, () => (wide ? read.u16() & 0x7fff : read.u8() & 0x7f));
    if (!into.has(id)) into.set(id, indexes);
  }
};

const readProperties = (bytes: Buffer, iprp: Box): Map<number, Box[]> | undefined => {
  const inside = [...boxesIn(bytes, iprp.start, iprp.end)].slice(0, MAX_ENTRIES);
  const ipco = inside.find(({ type }) => type === 'ipco');
  const associations = inside.filter(({ type }) => type === 'ipma');
  if (ipco === undefined || associations.length === 0) return undefined;
  const all: Box[] = [];
  for (const box of boxesIn(bytes, ipco.start, ipco.end)) if (all.push(box) >= MAX_ENTRIES) break;
  const indexes = new Map<number, number[]>();
  for (const ipma of associations) readAssociations(bytes, ipma, indexes);
  return new Map([...indexes].map(([id, ofItem]) => [id, ofItem.flatMap((index) => all[index - 1] ?? [])]));
};

const append = (map: Map<number, number[]>, key: number, values: readonly number[]): void => {
  const there = map.get(key);
  if (there === undefined) map.set(key, [...values]);
  else there.push(...values);
};

/** References between items (ISO/IEC 14496-12, 8.11.12). */
const readReferences = (bytes: Buffer, iref: Box | undefined): References => {
  const derivedFrom = new Map<number, number[]>();
  const auxiliaries = new Map<number, number[]>();
  if (iref === undefined) return { derivedFrom, auxiliaries };
  const wide = bytes[iref.start] === 1;
  let left = MAX_ENTRIES;
  for (const { type, start } of boxesIn(bytes, iref.start + 4, iref.end)) {
    const read = readerAt(bytes, start);
    const id = () => (wide ? read.u32() : read.u16());
    const from = id();
    const count = Math.min(read.u16(), left);
    left -= count;
    const to = Array.from({ length: count }, id);
    if (type === 'dimg') append(derivedFrom, from, to);
    if (type === 'auxl') for (const master of to) append(auxiliaries, master, [from]);
    if (left === 0) break;
  }
  return { derivedFrom, auxiliaries };
};

/**
 * The items of a `meta` box that is there as a whole, or undefined when it lacks what an image must have. Throws RangeError
 * when a box ends before what it must hold.
 */
export const readItems = (bytes: Buffer, meta: Box): Items | undefined => {
  const inMeta = (type: string) => findBox(boxesIn(bytes, meta.start + 4, meta.end), type);
  const [pitm, iinf, iprp] = [inMeta('pitm'), inMeta('iinf'), inMeta('iprp')];
  if (pitm === undefined || iinf === undefined || iprp === undefined) return undefined;
  const properties = readProperties(bytes, iprp);
  if (properties === undefined) return undefined;
  return {
    primary: readPrimary(bytes, pitm),
    types: readTypes(bytes, iinf),
    properties,
    ...readReferences(bytes, inMeta('iref')),
  };
};
