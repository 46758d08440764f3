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
