import type { Policy } from '@darkroom/types/policies';
import type { PixelSource } from '@darkroom/types/workflow';

/** Reads bytes `start` to `end` (both inclusive) of an original; fewer when it ends before, none when `start` is at its end. */
export type ReadRange = (object: { bucket: string; key: string }, start: number, end: number) => Promise<Buffer>;

/** Reads a whole original, or what was developed of it. */
export type ReadOriginal = (object: { bucket: string; key: string }) => Promise<Buffer>;

/** A file with pixels, and what its decoder has to know of it. */
export interface PixelFile {
  readonly bytes: Buffer;
  readonly header: Pick<PixelSource['header'], 'format' | 'progressive'>;
}

/** A picture, as small as it travelled or whole: each is fetched when it is asked for. */
export interface Picture {
  /** At least as many pixels as the model here looks at. */
  readonly small: () => Promise<PixelFile>;
  /** The original, or what was developed of it; read once, however often it is asked for. */
  readonly whole: () => Promise<PixelFile>;
}

/** What a model says of a picture. */
export interface Opinion {
  /** Category → 0 to 1, as the model names them. */
  readonly scores: Readonly<Record<string, number>>;
  /** The highest score of those categories that may not be shown: what thresholds are compared with. */
  readonly concern: number;
  /** Name and version of the model. */
  readonly model: string;
}

/** Looks at a picture. Throws ImageRejected when its pixels cannot be decoded. */
export type Moderator = (picture: Picture, policy: Policy['moderation']) => Promise<Opinion>;
