import type { Raster } from '@darkroom/imaging';
import type { DomainEvent } from '@darkroom/types/events';
import type { ImageRecord, Review, Tag, Variant } from '@darkroom/types/image';
import type { PixelSource } from '@darkroom/types/workflow';
import type { IdRange } from './core/id-range.ts';
import type { Measure } from './core/measures.ts';
import type { Posting } from './core/search/terms.ts';
import type { Terminal } from './core/store-plan.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** One image as it is now, tombstones included; undefined when there is none. Throws when the record is malformed. */
export type GetImage = (imageId: string) => Promise<ImageRecord | undefined>;

/** Several images in any order; missing and malformed ones are left out (and malformed ones logged). At most 100 ids. */
export type GetImages = (imageIds: readonly string[]) => Promise<ImageRecord[]>;

export interface IdsQuery extends IdRange {
  readonly tenant: string;
  /** Only this owner's images; null for all of the tenant. */
  readonly owner: string | null;
  /** Most ids wanted. */
  readonly limit: number;
}

export interface IdsPage {
  /** Newest first. May be fewer than wanted, even none, with more to come. */
  readonly ids: readonly string[];
  /** Value of `upTo` that continues, or undefined at the end. */
  readonly next: string | undefined;
}

/** Ids of a tenant's images, newest first. */
export type QueryIds = (query: IdsQuery) => Promise<IdsPage>;

/** Writes postings; those that are there already stay as they are. Throws TransientError when the index is too busy. */
export type WritePostings = (postings: readonly Posting[]) => Promise<void>;

/** Deletes postings; those that are not there are passed over. Throws TransientError when the index is too busy. */
export type DeletePostings = (postings: readonly Posting[]) => Promise<void>;

export interface PostingsQuery extends IdRange {
  readonly term: string;
  /** Most postings wanted. */
  readonly limit: number;
}

/** A posting under the term that was asked for. */
export type FoundPosting = Omit<Posting, 'term'>;

export interface PostingsPage {
  /** Newest first. */
  readonly postings: readonly FoundPosting[];
  /** The last id that was read when there may be more; undefined at the end. */
  readonly last: string | undefined;
}

/** Images under one term, newest first. */
export type QueryPostings = (query: PostingsQuery) => Promise<PostingsPage>;

export interface Burial {
  readonly imageId: string;
  readonly tenant: string;
  /** ISO instant of the deletion. */
  readonly at: string;
  /** Seconds since the epoch at which the tombstone goes, too. */
  readonly expiresAt: number;
}

/** Turns a record into a tombstone; answers the record as it was, or undefined when it was none of the tenant's, or one already. */
export type BuryImage = (burial: Burial) => Promise<ImageRecord | undefined>;

/** A person's decision about a record that was read in REVIEW. */
export interface Decided {
  readonly record: ImageRecord;
  readonly decision: Review['decision'];
  /** ISO instant of the decision. */
  readonly at: string;
}

/** Writes a decision, if the record is still in REVIEW, under the same attempt and with the same bytes; undefined when it is not. */
export type WriteReview = (decided: Decided) => Promise<ImageRecord | undefined>;

/** Sends an event, at least once. Throws TransientError when the bus did not take it. */
export type EmitEvent = (event: DomainEvent) => Promise<void>;

/** What names a claim: writes go through only while it holds. */
export interface Claim {
  readonly imageId: string;
  readonly attempt: number;
}

/** The record as written; or, when the claim no longer held, what is there instead (undefined: nothing). */
export type Written =
  | { readonly held: true; readonly record: ImageRecord }
  | { readonly held: false; readonly existing: ImageRecord | undefined };

/** The terminal write, only while the claim holds and the image is PROCESSING. `at` is an ISO instant. */
export type WriteTerminal = (claim: Claim, terminal: Terminal, at: string) => Promise<Written>;

/** What an image that was rendered again is served from. */
export interface Redeveloped {
  /** The version that is served until now. */
  readonly replaces: string;
  readonly version: string;
  readonly variants: readonly Variant[];
}

/** Swaps versions: only of a READY image of this attempt that is served under `replaces`. `at` is an ISO instant. */
export type SwapVersion = (claim: Claim, redeveloped: Redeveloped, at: string) => Promise<Written>;

/** Lets a claim go for another attempt, under the same condition. `now` is in milliseconds since the epoch. */
export type ReleaseClaim = (claim: Claim, message: string, now: number) => Promise<Written>;

/** Writes embedded metrics. */
export type RecordMeasures = (measures: readonly Measure[]) => void;

/** A picture to tag: the file, what its decoder has to know of it, and the pixels that were decoded already. */
export interface Picture {
  readonly bytes: Buffer;
  readonly header: PixelSource['header'];
  /** Small, upright, sRGB, three or four channels. */
  readonly raster: Raster;
}

/** What is in a picture, the surest first; at most 16. */
export type TagImage = (picture: Picture) => Promise<Tag[]>;
