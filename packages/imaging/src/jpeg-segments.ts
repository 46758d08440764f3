/** A marker segment of a JPEG (ITU-T T.81, B.1.1.4). */
export interface Segment {
  readonly marker: number;
  /** Where it begins, at its 0xff. */
  readonly at: number;
  /** What it holds, behind its length. */
  readonly data: Buffer;
  readonly end: number;
}

const START_OF_SCAN = 0xda;
/** Segments that are looked at: cameras write two dozen before the scan. */
const MAX_SEGMENTS = 256;

/** Segments from the start of a JPEG to its first scan; ends where something else stands than a segment. */
export function* segmentsOf(jpeg: Buffer): Generator<Segment> {
  let at = 2;
  for (let count = 0; count < MAX_SEGMENTS && at + 4 <= jpeg.length; count++) {
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] !== 0xff || marker === START_OF_SCAN) return;
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (end < at + 4 || end > jpeg.length) return;
    yield { marker, at, data: jpeg.subarray(at + 4, end), end };
    at = end;
  }
}

/** One segment as it stands in a file. */
export const segment = (marker: number, data: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
};

const APP0 = 0xe0;

/** A JPEG with segments put in front of all others but JFIF's, which has to stand first. */
export const withSegments = (jpeg: Buffer, segments: readonly Buffer[]): Buffer => {
  const [first] = segmentsOf(jpeg);
  const at = first?.marker === APP0 ? first.end : 2;
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)]);
};
