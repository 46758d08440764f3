import type { Size } from './canvas.ts';
import { LONG, numberOf, numberTag, openTiff, readTable, SHORT, type Tag, type Tiff, writeTiff } from './tiff.ts';

/** Tags by number (EXIF 2.32, section 4.6; TIFF 6.0 supplements). */
const ORIENTATION = 0x0112;
const EXIF_TABLE = 0x8769;
const GPS_TABLE = 0x8825;
const PIXEL_WIDTH = 0xa002;
const PIXEL_HEIGHT = 0xa003;

/** Not carried along: they say where bytes of the old file are, or are blocks in which nobody can look for a place. */
const LEFT_OUT: ReadonlySet<number> = new Set([
  0x0100,
  0x0101, // sides of the old picture
  0x0111,
  0x0117,
  0x0144,
  0x0145, // where its strips and tiles were
  0x014a,
  0x0201,
  0x0202, // further pictures, the thumbnail
  0x02bc,
  0x83bb,
  0x8649,
  0x8773, // XMP, IPTC, Photoshop and colour profile as blocks
  0x927c, // MakerNote: offsets inside break when it moves
  0xa005, // interoperability table
  0xea1c, // padding
  EXIF_TABLE,
  GPS_TABLE,
  ORIENTATION,
  PIXEL_WIDTH,
  PIXEL_HEIGHT,
]);

export interface KeepExif extends Size {
  /** Whether the place where the picture was taken goes along. */
  readonly gps: boolean;
}

const chosen = (tags: readonly Tag[]): Tag[] => tags.filter(({ id }) => !LEFT_OUT.has(id));

const tableAt = (tiff: Tiff, main: readonly Tag[], pointer: number): Tag[] => {
  const offset = numberOf(
    tiff,
    main.find(({ id }) => id === pointer),
  );
  return offset === null ? [] : readTable(tiff, offset);
};

/** How a picture must be turned to be upright, from 1 (it is) to 8; from 5 on width and height change places (EXIF 2.32, tag 274). */
export const orientationOf = (exif: Uint8Array | null): number => {
  const tiff = exif === null ? null : openTiff(exif);
  if (tiff === null) return 1;
  const tag = readTable(tiff, tiff.first).find(({ id }) => id === ORIENTATION);
  const value = numberOf(tiff, tag) ?? 1;
  return value >= 1 && value <= 8 ? value : 1;
};

/**
 * The EXIF of a picture that has been turned upright and resized: orientation 1, the new sides in pixels, the place only when asked for;
 * no thumbnail, MakerNote or nested XMP. `exif` is the TIFF structure without the six bytes `Exif\0\0`. Null when it cannot be read or
 * holds nothing. Never throws, whatever the bytes.
 */
export const rewriteExif = (exif: Uint8Array, keep: KeepExif): Uint8Array<ArrayBuffer> | null => {
  const tiff = openTiff(exif);
  if (tiff === null) return null;
  const { little } = tiff;
  const main = readTable(tiff, tiff.first);
  if (main.length === 0) return null;
  const side = (id: number, value: number) => numberTag(id, value, { type: LONG, little });
  const pointed = new Map([
    [
      EXIF_TABLE,
      [...chosen(tableAt(tiff, main, EXIF_TABLE)), side(PIXEL_WIDTH, keep.width), side(PIXEL_HEIGHT, keep.height)],
    ],
    [GPS_TABLE, keep.gps ? chosen(tableAt(tiff, main, GPS_TABLE)) : []],
  ]);
  return writeTiff(little, [...chosen(main), numberTag(ORIENTATION, 1, { type: SHORT, little })], pointed);
};
