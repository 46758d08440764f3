import { readGainMap } from '../../packages/imaging/src/gain-map/index.ts';
import { boxesIn, findBox, readerAt } from '../../packages/imaging/src/header/formats/heif/boxes.ts';

/** Words that stand in EXIF, XMP, IPTC and nowhere in coded pixels; shorter ones turn up in noise. */
const NEEDLES = ['Exif\0\0', 'ns.adobe.com', 'x:xmpmeta', 'Photoshop 3.0', 'GPSLatitude', 'W5M0MpCehiHzreSzNTczkc9d'];

const START_OF_SCAN = 0xda;
/** JFIF, ICC profile, a gain map and where it is, Adobe's colour transform. */
const GOOD_APPS = new Map([
  [0xe0, ['JFIF\0']],
  [0xe2, ['ICC_PROFILE\0', 'urn:iso:std:iso:ts:21496:-1\0', 'MPF\0']],
  [0xee, ['Adobe']],
]);
const APP0 = 0xe0;
const COMMENT = 0xfe;

const segmentFaults = (marker: number, segment: Buffer): string[] => {
  if (marker === COMMENT) return ['a comment'];
  if (marker < APP0 || marker > 0xef) return [];
  const text = segment.toString('latin1');
  if (GOOD_APPS.get(marker)?.some((name) => text.startsWith(name)) !== true) return [`APP${marker - APP0}`];
  // JFIF, "Thumbnail": its sides are the last two bytes of the fixed part.
  return marker === APP0 && (segment[12] !== 0 || segment[13] !== 0) ? ['a thumbnail in JFIF'] : [];
};

const pictureFaults = (file: Buffer): string[] => {
  const faults: string[] = [];
  let at = 2;
  while (at + 4 <= file.length) {
    const [mark, marker = 0] = [file[at], file[at + 1]];
    if (mark !== 0xff) return [...faults, 'stray bytes before the scan'];
    if (marker === START_OF_SCAN) break;
    const length = file.readUInt16BE(at + 2);
    faults.push(...segmentFaults(marker, file.subarray(at + 4, at + 2 + length)));
    at += 2 + length;
  }
  return file.readUInt16BE(file.length - 2) === 0xffd9 ? faults : [...faults, 'bytes behind the end of the image'];
};

/** A gain map is a picture of its own behind the first; any other second picture is one too many. */
const jpegFaults = (file: Buffer): string[] => {
  const map = readGainMap(file)?.jpeg;
  if (map === undefined) return pictureFaults(file);
  return [file.subarray(0, file.length - map.length), map].flatMap(pictureFaults);
};

const GOOD_CHUNKS = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);

const webpFaults = (file: Buffer): string[] => {
  const faults: string[] = [];
  let at = 12;
  while (at + 8 <= file.length) {
    const type = file.toString('latin1', at, at + 4);
    if (!GOOD_CHUNKS.has(type)) faults.push(`chunk ${type}`);
    const length = file.readUInt32LE(at + 4);
    at += 8 + length + (length & 1);
  }
  return faults;
};

const GOOD_ITEMS = new Set(['av01', 'grid', 'tmap']);

const avifFaults = (file: Buffer): string[] => {
  const meta = findBox(boxesIn(file, 0, file.length), 'meta');
  if (meta === undefined) return ['no meta box'];
  const inMeta = (type: string) => findBox(boxesIn(file, meta.start + 4, meta.end), type);
  const iinf = inMeta('iinf');
  const items = iinf === undefined ? [] : [...boxesIn(file, iinf.start + (file[iinf.start] === 0 ? 6 : 8), iinf.end)];
  const types = items.map(({ start }) => {
    const read = readerAt(file, start);
    const version = read.u8();
    read.skip(3 + (version === 2 ? 4 : 6));
    return read.text(4);
  });
  const iref = inMeta('iref');
  const references = iref === undefined ? [] : [...boxesIn(file, iref.start + 4, iref.end)];
  return [
    ...types.filter((type) => !GOOD_ITEMS.has(type)).map((type) => `item ${type}`),
    ...references.filter(({ type }) => type === 'thmb' || type === 'cdsc').map(({ type }) => `reference ${type}`),
  ];
};

const walkers = { jpeg: jpegFaults, webp: webpFaults, avif: avifFaults };

/** What a rendition holds besides pixels and a colour profile: EXIF, XMP, IPTC, comments, thumbnails. Empty when nothing. */
export const leaksIn = (file: Buffer, format: keyof typeof walkers): string[] => [
  ...walkers[format](file),
  ...NEEDLES.filter((needle) => file.includes(needle, 0, 'latin1')).map((needle) => `the word "${needle}"`),
];
