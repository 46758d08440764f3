// What is used of Uppy, as types of its own: the same in `@uppy/core` 4, 5 and 6, so that none of them is needed to build or to run this.
import type { Uploader, UploaderOptions } from '../contract.ts';

/** A file as Uppy keeps it. */
export interface UppyFileLike {
  readonly id: string;
  readonly name?: string;
  readonly type?: string;
  readonly meta?: { readonly name?: unknown };
  /** The bytes; absent for a file that Golden Retriever could not bring back. */
  readonly data?: unknown;
  readonly isRemote?: boolean;
  readonly isPaused?: boolean;
  readonly isRestored?: boolean;
  readonly error?: string | null;
  readonly progress: {
    /** Milliseconds since the epoch. */
    readonly uploadStarted?: number | null;
    readonly uploadComplete?: boolean;
  };
}

/** An event of Uppy, by name: what comes with it differs. */
export type Listener = (...args: never[]) => void;

export interface UppyLike {
  getID(): string;
  getState(): { readonly capabilities: object; readonly plugins?: object };
  setState(patch?: object): void;
  getFile(id: string): UppyFileLike | undefined;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  emit(event: string, ...args: unknown[]): void;
  log(message: unknown, type?: 'warning' | 'error'): void;
  addUploader(run: (fileIds: string[]) => Promise<void>): void;
  removeUploader(run: (fileIds: string[]) => Promise<void>): unknown;
}

export interface PluginOptions {
  /** Default `DarkroomUpload`. */
  readonly id?: string;
  /** The address to tell as `uploadURL`. Default: `{api}/images/{imageId}`. */
  readonly imageUrl?: (imageId: string) => string;
}

/** Where to upload to: the options of an uploader, or one that the page made and keeps. */
export type DarkroomUploadOptions = PluginOptions & (UploaderOptions | { readonly uploader: Uploader });
