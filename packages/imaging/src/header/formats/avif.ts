import { found, more, type Parsed, reject } from '../outcome.ts';
import { type Box, boxesIn, findBox, readerAt } from './boxes.ts';

/** Items and properties looked at: a photograph in tiles has some hundreds, more is a trap. */
const MAX_ENTRIES = 4096;

interface Items {
  readonly primary: number;
  /** Coding of every item (`av01`, `hvc1`, `grid`, `Exif`, …). */
  readonly types: readonly string[];
  /** Properties of the primary item. */
  readonly properties: readonly Box[];
  readonly hasAlpha: boolean;
}

/** Primary item id (ISO/IEC 14496-12, 8.11.4). */
const readPrimary = (bytes: Buffer, { start }: Box): number => {
  const read = readerAt(bytes, start);
  const version = read.u8();
  read.skip(3);
  return version === 0 ? read.u16() : read.u32();
};

/** Item types of the item information box (8.11.6); entries of version 0 and 1 have none and are of no image. */
const readTypes = (bytes: Buffer, { start, end }: Box): string[] => {
  const read = readerAt(bytes, start);
  const entriesAt = start + (read.u8() === 0 ? 6 : 8);
  const types: string[] = [];
  for (const box of boxesIn(bytes, entriesAt, end)) {
    if (types.length >= MAX_ENTRIES) break;
    const entry = readerAt(bytes, box.start);
    const version = entry.u8();
    if (box.type !== 'infe' || version < 2) continue;
    entry.skip(3 + (version === 2 ? 4 : 6));
    types.push(entry.text(4));
  }
  return types;
};

/** Property indexes (from 1) of one item in the item property association box (ISO/IEC 23008-12, 9.3). */
const readAssociations = (bytes: Buffer, { start }: Box, item: number): number[] => {
  const read = readerAt(bytes, start);
  const version = read.u8();
  read.skip(2);
  const wide = (read.u8() & 1) === 1;
  const entries = Math.min(read.u32(), MAX_ENTRIES);
  for (let entry = 0; entry < entries; entry++) {
    const id = version === 0 ? read.u16() : read.u32();
    const indexes = Array.from({ length: read.u8() }, () => (wide ? read.u16() & 0x7fff : read.u8() & 0x7f));
    if (id === item) return indexes;
  }
  return [];
};

const isAlpha = (bytes: Buffer, { type, start, end }: Box): boolean =>
  type === 'auxC' && /alpha|hevc:2015:auxid:1/.test(bytes.toString('latin1', start + 4, Math.min(end, start + 64)));

const readItems = (bytes: Buffer, meta: Box): Items | undefined => {
  const inMeta = (type: string) => findBox(boxesIn(bytes, meta.start + 4, meta.end), type);
  const [pitm, iinf, iprp] = [inMeta('pitm'), inMeta('iinf'), inMeta('iprp')];
  if (pitm === undefined || iinf === undefined || iprp === undefined) return undefined;
  const ipco = findBox(boxesIn(bytes, iprp.start, iprp.end), 'ipco');
  const ipma = findBox(boxesIn(bytes, iprp.start, iprp.end), 'ipma');
  if (ipco === undefined || ipma === undefined) return undefined;
  const all = [...boxesIn(bytes, ipco.start, ipco.end)].slice(0, MAX_ENTRIES);
  const primary = readPrimary(bytes, pitm);
  const properties = readAssociations(bytes, ipma, primary).flatMap((index) => all[index - 1] ?? []);
  return {
    primary,
    types: readTypes(bytes, iinf),
    properties,
    hasAlpha: all.some((box) => isAlpha(bytes, box)),
  };
};

const decide = (bytes: Buffer, items: Items): Parsed => {
  if (!items.types.includes('av01'))
    return reject(items.types.includes('hvc1') ? 'HEIC_UNSUPPORTED' : 'UNSUPPORTED_FEATURE');
  const extent = items.properties.find(({ type }) => type === 'ispe');
  if (extent === undefined) return reject('CORRUPT_HEADER');
  const [width, height] = [bytes.readUInt32BE(extent.start + 4), bytes.readUInt32BE(extent.start + 8)];
  const rotation = items.properties.find(({ type }) => type === 'irot');
  const turns = rotation === undefined ? 0 : (bytes[rotation.start] ?? 0) & 3;
  const isMono = items.properties.some(({ type, start }) => type === 'pixi' && bytes[start + 4] === 1);
  return found({
    format: 'avif',
    // libheif turns the picture itself; EXIF orientation must not be applied again, and sides are those after the turn.
    ...(turns % 2 === 1 ? { width: height, height: width } : { width, height }),
    orientation: 1,
    frames: 1,
    progressive: false,
    hasAlpha: items.hasAlpha,
    channels: (isMono ? 1 : 3) + (items.hasAlpha ? 1 : 0),
  });
};

/** Reads the `meta` box, wherever it stands: what is coded how, sides of the primary item, rotation, alpha. */
export const parseAvif = (bytes: Buffer, fileBytes: number): Parsed => {
  const meta = findBox(boxesIn(bytes, 0, fileBytes), 'meta');
  if (meta === undefined || meta.end > bytes.length) return more;
  try {
    const items = readItems(bytes, meta);
    return items === undefined ? reject('CORRUPT_HEADER') : decide(bytes, items);
  } catch (error) {
    // A box that is shorter than what it must hold.
    if (error instanceof RangeError) return reject('CORRUPT_HEADER');
    throw error;
  }
};
