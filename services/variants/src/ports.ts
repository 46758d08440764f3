import type { ImageRecord } from '@darkroom/types/image';
import type { VariantFormat } from '@darkroom/types/ladder';

/** Reads a whole original. */
export type ReadOriginal = (object: { bucket: string; key: string }) => Promise<Buffer>;

/** Stores one rendition under its key, to be served for ever. Storing it again changes nothing. */
export type PutVariant = (key: string, data: Buffer, format: VariantFormat) => Promise<void>;

/** Deletes one rendition; a missing one is deleted already. */
export type DeleteVariant = (key: string) => Promise<void>;

/** Deletes every rendition whose key begins so; answers how many there were. */
export type DeleteVariants = (prefix: string) => Promise<number>;

/** One image of the catalogue, or undefined when there is none. */
export type FindImage = (imageId: string) => Promise<ImageRecord | undefined>;

/** How the colours of a picture are meant. */
export interface ColourTag {
  /** ICC profile as stored. */
  readonly icc: Buffer | undefined;
  /** Colour primaries by number (ITU-T H.273, table 2); 12 is Display P3. */
  readonly primaries: number | undefined;
}

/** A HEIC picture, upright: rows of pixels without gaps, eight bits a channel. */
export interface HeicPicture {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly colour: ColourTag;
}

/** Decodes the primary picture of a HEIC file of at most `maxPixels`. Throws ImageRejected. */
export type DecodeHeic = (file: Buffer, maxPixels: number) => HeicPicture;

/** Stores what stands in for an original's pixels. Storing it again changes nothing. */
export type PutDeveloped = (
  object: { bucket: string; key: string },
  data: Buffer,
  format: 'jpeg' | 'png',
) => Promise<void>;
