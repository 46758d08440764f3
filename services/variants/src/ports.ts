import type { ImageRecord } from '@darkroom/types/image';
import type { VariantFormat } from '@darkroom/types/ladder';

/** Reads a whole original. */
export type ReadOriginal = (object: { bucket: string; key: string }) => Promise<Buffer>;

/** Stores one rendition under its key, to be served for ever. Storing it again changes nothing. */
export type PutVariant = (key: string, data: Buffer, format: VariantFormat) => Promise<void>;

/** Stores one rendition unless there is one under its key already, which then stays. */
export type StoreNewVariant = PutVariant;

/** A stored rendition, or undefined when there is none. */
export type ReadVariant = (key: string) => Promise<Buffer | undefined>;

/** The right to make a rendition, for a while. */
export interface Lease {
  readonly key: string;
  /** Whose it is: nobody else can give it back. */
  readonly holder: string;
}

/** Takes the lease on a key, or undefined while somebody else holds it. At most one holder at a time, whatever runs where. */
export type TakeLease = (key: string) => Promise<Lease | undefined>;

/** Gives a lease back before its time; nothing happens when it has run out. */
export type ReleaseLease = (lease: Lease) => Promise<void>;

/** Milliseconds since the epoch. */
export type Clock = () => number;

export type Sleep = (milliseconds: number) => Promise<unknown>;

/** One line for the operator. */
export type Tell = (level: 'info' | 'warn', message: string, details: Readonly<Record<string, unknown>>) => void;

/** Deletes one rendition; a missing one is deleted already. */
export type DeleteVariant = (key: string) => Promise<void>;

/** Deletes every rendition whose key begins so; answers how many there were. */
export type DeleteVariants = (prefix: string) => Promise<number>;

/** One image of the catalogue, or undefined when there is none. */
export type FindImage = (imageId: string) => Promise<ImageRecord | undefined>;
