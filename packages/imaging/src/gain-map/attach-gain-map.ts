import { ISO_NAME } from './iso-metadata.ts';
import type { GainMap } from './read-gain-map.ts';
import { segment, withSegments } from '../jpeg-segments.ts';

const APP2 = 0xe2;
const NAME = Buffer.from(ISO_NAME, 'latin1');

/** Says that a gain map belongs to the picture: minimum and writer's version, both 0 (ISO 21496-1, annex C.3). */
const announced = segment(APP2, Buffer.concat([NAME, Buffer.alloc(4)]));

/** An index of two pictures (CIPA DC-007, 5.2), big-endian: version, number, and where they are. */
const INDEX_BYTES = 86;
/** Tag, type and count: version, number of pictures, and where they are. */
const FIELDS = [
  [0xb000, 7, 4],
  [0xb001, 4, 1],
  [0xb002, 7, 32],
] as const;
const FIELDS_AT = 14;
const ENTRIES_AT = 54;
/** `MPF\0` is not part of what offsets count from. */
const BASE_AT = 4;
const BASELINE_PRIMARY = 0x00030000;

const indexOf = (sizes: { readonly first: number; readonly second: number }, secondFrom: number): Buffer => {
  const index = Buffer.alloc(INDEX_BYTES);
  index.write('MPF\0MM\0*', 'latin1');
  index.writeUInt32BE(8, 8);
  index.writeUInt16BE(FIELDS.length, 12);
  for (const [line, [tag, type, count]] of FIELDS.entries()) {
    index.writeUInt16BE(tag, FIELDS_AT + 12 * line);
    index.writeUInt16BE(type, FIELDS_AT + 12 * line + 2);
    index.writeUInt32BE(count, FIELDS_AT + 12 * line + 4);
  }
  index.write('0100', FIELDS_AT + 8, 'latin1');
  index.writeUInt32BE(2, FIELDS_AT + 12 + 8);
  index.writeUInt32BE(ENTRIES_AT - BASE_AT, FIELDS_AT + 24 + 8);
  index.writeUInt32BE(BASELINE_PRIMARY, ENTRIES_AT);
  index.writeUInt32BE(sizes.first, ENTRIES_AT + 4);
  index.writeUInt32BE(sizes.second, ENTRIES_AT + 20);
  index.writeUInt32BE(secondFrom, ENTRIES_AT + 24);
  return index;
};

/**
 * A JPEG with a gain map behind it, as ISO 21496-1 has it: readers that know nothing of it show the picture as it was. Neither half gets
 * any EXIF or XMP. Both must be JPEGs that we wrote ourselves.
 */
export const attachGainMap = (picture: Buffer, { jpeg, iso }: GainMap): Buffer => {
  const map = withSegments(jpeg, [segment(APP2, Buffer.concat([NAME, iso]))]);
  const draft = withSegments(picture, [announced, segment(APP2, Buffer.alloc(INDEX_BYTES))]);
  const base = draft.indexOf(announced) + announced.length + 4 + BASE_AT;
  const index = indexOf({ first: draft.length, second: map.length }, draft.length - base);
  return Buffer.concat([withSegments(picture, [announced, segment(APP2, index)]), map]);
};
