import type { ImageHeader } from '../../../packages/types/src/image.ts';
import type { Family } from '../../../packages/types/src/ladder.ts';
import type { MetadataResult } from '../../../packages/types/src/workflow.ts';
import type { FileToMake } from './settings.ts';

export const subjects = ['darkroom', 'floor', 'naive', 'vipsthumbnail'] as const;
export type Subject = (typeof subjects)[number];

/** What is known of a photograph before the clock starts. */
export interface Photo {
  readonly path: string;
  readonly header: ImageHeader;
  /** Sides as seen, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether no pixel is transparent: then no file gets an alpha channel. */
  readonly isOpaque: boolean;
}

/** A photograph as ExtractMetadata hands it on. */
export interface ReadPhoto extends Photo {
  readonly metadata: MetadataResult;
}

/** Stands behind transparent pixels in JPEG, for all subjects alike. */
export const BACKGROUND = '#808080';

export interface Job {
  readonly photo: ReadPhoto;
  /** Folder for the files; they are written, because that is what every subject does. */
  readonly out: string;
  /** Darkroom's function makes one family and plans itself; the others are told which files. */
  readonly family?: Family;
  readonly files: readonly FileToMake[];
}

/** One photograph made, by one process. */
export interface Done {
  /** User and system time, children included. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Highest resident set while it was made, in bytes; absent where the work is done by other processes. */
  readonly peakBytes?: number;
  readonly files: readonly FileToMake[];
}

/** Makes the files of a photograph and answers what it made. */
export type Make = (job: Job) => Promise<readonly FileToMake[]>;
