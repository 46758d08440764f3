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
export type Tell = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details: Readonly<Record<string, unknown>>,
) => void;

/** Deletes one rendition; a missing one is deleted already. */
export type DeleteVariant = (key: string) => Promise<void>;

/** Deletes every rendition whose key begins so; answers how many there were. */
export type DeleteVariants = (prefix: string) => Promise<number>;

/** One image of the catalogue, or undefined when there is none. */
export type FindImage = (imageId: string) => Promise<ImageRecord | undefined>;

/** Lines of one log file of the edge, decompressed as they are read. */
export type ReadLog = (object: { bucket: string; key: string }) => AsyncIterable<string>;

/** What a week of views of one rendition adds up to. */
export interface Counter {
  readonly views: number;
  readonly bytes: number;
  /** It is on the heat queue, or was. */
  readonly isQueued: boolean;
}

/** Adds views to a rendition's counter, in one write; answers what it holds now. */
export type CountView = (key: string, seen: { views: number; bytes: number }) => Promise<Counter>;

/** Claims one step (0, 1, …) of a log file; false when it was claimed before, by whomever. Steps are claimed in order. */
export type ClaimStep = (file: string, step: number) => Promise<boolean>;

/** Remembers that a rendition was put on the heat queue. */
export type MarkQueued = (key: string) => Promise<void>;

/** A rendition whose views pay for better coding. */
export interface HotVariant {
  readonly key: string;
}

export type SendHot = (hot: HotVariant) => Promise<void>;

/** One message of the heat queue; `hot` is undefined when it cannot be understood. */
export interface HotMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly hot: HotVariant | undefined;
}

/** The next message, or undefined when there is none within a second. */
export type ReceiveHot = () => Promise<HotMessage | undefined>;

export type RemoveHot = (message: HotMessage) => Promise<void>;

/** What is stored under a key, without its bytes. */
export interface StoredFacts {
  /** As S3 sends it, with quotes. */
  readonly etag: string;
  readonly bytes: number;
  /** Effort that it was coded with; 0 when it says nothing. */
  readonly effort: number;
}

export type HeadVariant = (key: string) => Promise<StoredFacts | undefined>;

/** Puts other bytes of the same picture in the place of those with this ETag; false when they are not there any more. */
export type ReplaceVariant = (
  key: string,
  data: Buffer,
  facts: { readonly format: VariantFormat; readonly etag: string; readonly effort: number },
) => Promise<boolean>;

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
