import { exifOrientation } from '../exif-orientation.ts';
import { found, more, type Parsed, reject } from '../outcome.ts';

/** Frame headers (ITU-T T.81, table B.1): C0 to CF without DHT (C4), JPG (C8) and DAC (CC). */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const PROGRESSIVE = new Set([0xc2, 0xca]);
/** Lossless and hierarchical frames: no decoder here reads them. */
const UNSUPPORTED = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf]);
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const APP1 = 0xe1;

/** Markers that stand alone: TEM, RST0 to RST7, SOI. */
const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** Offset of the next marker's code byte: any bytes before it are skipped, as libjpeg does; fill bytes too. */
const nextMarker = (bytes: Buffer, from: number): number => {
  let at = bytes.indexOf(0xff, from);
  while (at !== -1) {
    const code = bytes[at + 1];
    if (code === undefined) return -1;
    if (code !== 0xff && code !== 0x00) return at + 1;
    at = code === 0xff ? at + 1 : bytes.indexOf(0xff, at + 2);
  }
  return -1;
};

type FrameFacts = Readonly<Record<'width' | 'height' | 'components', number>> & { readonly progressive: boolean };

const readFrame = (bytes: Buffer, marker: number, at: number): FrameFacts | Parsed => {
  // Length 2, precision 1, lines 2, samples 2, components 1.
  if (at + 8 > bytes.length) return more;
  if (UNSUPPORTED.has(marker) || bytes[at + 2] !== 8) return reject('UNSUPPORTED_FEATURE');
  return {
    height: bytes.readUInt16BE(at + 3),
    width: bytes.readUInt16BE(at + 5),
    components: bytes[at + 7] ?? 0,
    progressive: PROGRESSIVE.has(marker),
  };
};

const finish = (frame: FrameFacts, orientation: number): Parsed =>
  frame.components === 0
    ? reject('CORRUPT_HEADER')
    : found({
        format: 'jpeg',
        width: frame.width,
        height: frame.height,
        orientation,
        frames: 1,
        progressive: frame.progressive,
        hasAlpha: false,
        channels: frame.components,
      });

interface Scan {
  frame: FrameFacts | undefined;
  orientation: number | undefined;
}

/** Takes what one segment tells into `scan`; answers when that ends the search. */
const takeSegment = (bytes: Buffer, { marker, at, length }: Record<'marker' | 'at' | 'length', number>, scan: Scan) => {
  if (isFrame(marker) && scan.frame === undefined) {
    const frame = readFrame(bytes, marker, at);
    if ('kind' in frame) return frame;
    scan.frame = frame;
    return undefined;
  }
  const segment = bytes.subarray(at + 2, at + length);
  if (marker === APP1 && scan.orientation === undefined && segment.toString('latin1', 0, 6) === 'Exif\0\0')
    scan.orientation = exifOrientation(segment);
  return undefined;
};

/** Walks the segments up to the first scan. The frame decides; EXIF stands before it in every file that cameras write. */
export const parseJpeg = (bytes: Buffer): Parsed => {
  const scan: Scan = { frame: undefined, orientation: undefined };
  const end = () => (scan.frame === undefined ? more : finish(scan.frame, scan.orientation ?? 1));
  let from = 2;
  for (;;) {
    const markerAt = nextMarker(bytes, from);
    const marker = bytes[markerAt];
    if (markerAt === -1 || marker === undefined) return end();
    from = markerAt + 1;
    if (standsAlone(marker)) continue;
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE)
      return scan.frame === undefined ? reject('CORRUPT_HEADER') : end();
    if (from + 2 > bytes.length) return end();
    // A length counts its own two bytes. Some files lie there, and decoders pass over it to the next marker.
    const length = Math.max(2, bytes.readUInt16BE(from));
    const answer = takeSegment(bytes, { marker, at: from, length }, scan);
    if (answer !== undefined) return answer;
    from += length;
  }
};
