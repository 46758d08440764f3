import type { Upload, Uploader, UploadProgress, UploadSource, UploadState } from '@darkroom/client';
import type { PublicImage } from '@darkroom/types/api';
import { type Failure, failureOf } from './codes.ts';
import type { FollowOrder, Sight } from './follow.ts';

/** Where one photograph is on its way, from being chosen to being served. */
export type Phase =
  | 'preparing'
  | Exclude<UploadState, 'done'>
  /** In storage, not yet claimed by the pipeline. */
  | 'stored'
  | 'developing'
  | 'ready'
  /** A person decides whether it may be shown. */
  | 'held'
  | 'rejected'
  | 'broken';

/** Moments by this machine's clock, in milliseconds since the epoch; null until they come. */
export interface Moments {
  readonly sending: number | null;
  readonly completing: number | null;
  readonly stored: number | null;
  readonly claimed: number | null;
}

/** All there is to show of one photograph. */
export interface ItemState {
  readonly key: string;
  readonly name: string;
  /** Bytes to send; those of the smaller copy once there is one. */
  readonly size: number;
  /** True for an upload that an earlier page began. */
  readonly restored: boolean;
  readonly phase: Phase;
  readonly progress: UploadProgress | null;
  readonly failure: Failure | null;
  readonly image: PublicImage | null;
  /** Why the way through the pipeline cannot be seen at the moment. */
  readonly trouble: string | null;
  readonly moments: Moments;
}

export interface Item {
  readonly state: ItemState;
  readonly subscribe: (listener: (state: ItemState, before: Phase) => void) => void;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly retry: () => void;
  /** Gives the upload up, or stops looking when it is stored. */
  readonly cancel: () => void;
}

export interface ItemOrder {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly restored: boolean;
  /** Begins paused. */
  readonly paused: boolean;
  /** Makes what is sent: the file, a smaller copy, or what a record kept. */
  readonly open: () => Promise<Opened>;
}

/** Bytes to send, and what to call once they are no longer needed. */
export interface Opened {
  readonly source: UploadSource;
  readonly release: () => void;
}

export interface ItemPorts {
  readonly uploader: Pick<Uploader, 'add'>;
  readonly follow: (order: FollowOrder) => Promise<void>;
  readonly now: () => number;
}

const NO_MOMENTS: Moments = { sending: null, completing: null, stored: null, claimed: null };

const PHASE_OF_STATUS = {
  PROCESSING: 'developing',
  READY: 'ready',
  REVIEW: 'held',
  REJECTED: 'rejected',
  FAILED: 'broken',
} as const;

/** Phases in which bytes may still be sent. */
export const isUnderWay = (phase: Phase): boolean =>
  ['preparing', 'waiting', 'uploading', 'paused', 'offline', 'completing'].includes(phase);

/** Phases that nothing follows. */
export const isOver = (phase: Phase): boolean =>
  ['ready', 'held', 'rejected', 'broken', 'failed', 'cancelled'].includes(phase);

const momentsAfter = (moments: Moments, state: UploadState, now: number): Moments => {
  if (state === 'uploading') return { ...moments, sending: moments.sending ?? now };
  if (state === 'completing') return { ...moments, completing: moments.completing ?? now };
  return moments;
};

class PhotoItem implements Item {
  state: ItemState;
  readonly #order: ItemOrder;
  readonly #ports: ItemPorts;
  readonly #listeners: ((state: ItemState, before: Phase) => void)[] = [];
  #upload: Upload | null = null;
  #ending = new AbortController();
  #wantsPause: boolean;

  constructor(order: ItemOrder, ports: ItemPorts) {
    this.#order = order;
    this.#ports = ports;
    this.#wantsPause = order.paused;
    const { key, name, size, restored } = order;
    this.state = { key, name, size, restored, ...this.#fresh() };
    this.retry();
  }

  subscribe(listener: (state: ItemState, before: Phase) => void): void {
    this.#listeners.push(listener);
  }

  pause(): void {
    this.#wantsPause = true;
    this.#upload?.pause();
    if (this.state.phase === 'preparing') this.#set({ phase: 'paused' });
  }

  resume(): void {
    this.#wantsPause = false;
    this.#upload?.resume();
    if (this.#upload === null && this.state.phase === 'paused') this.#set({ phase: 'preparing' });
  }

  retry(): void {
    this.#ending = new AbortController();
    this.#set(this.#fresh());
    void this.#run(this.#ending.signal);
  }

  cancel(): void {
    this.#ending.abort();
    const upload = this.#upload;
    // Told at once; the server hears of it when it can, and the lifecycle rule clears up when it never does.
    if (isUnderWay(this.state.phase)) this.#set({ phase: 'cancelled' });
    upload?.cancel().catch(() => undefined);
  }

  #fresh() {
    const phase: Phase = this.#wantsPause ? 'paused' : 'preparing';
    return { phase, progress: null, failure: null, image: null, trouble: null, moments: NO_MOMENTS };
  }

  #set(change: Partial<ItemState>): void {
    const before = this.state.phase;
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener(this.state, before);
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      const imageId = await this.#send(signal);
      if (imageId === null) return;
      const stored = this.#ports.now();
      this.#set({ phase: 'stored', moments: { ...this.state.moments, stored } });
      await this.#ports.follow({ imageId, signal, onSight: (sight) => this.#onSight(sight) });
    } catch (error) {
      // Cancelling makes the upload fail, which is no failure to show.
      if (!signal.aborted) this.#set({ phase: 'failed', failure: failureOf(error) });
    }
  }

  /** Answers the image's id once all bytes are stored; null when it was given up before. */
  async #send(signal: AbortSignal): Promise<string | null> {
    this.#upload = null;
    const { source, release } = await this.#order.open();
    try {
      return signal.aborted ? null : await this.#sendSource(source, signal);
    } finally {
      release();
    }
  }

  async #sendSource(source: UploadSource, signal: AbortSignal): Promise<string | null> {
    const upload = this.#ports.uploader.add(source);
    this.#upload = upload;
    if (this.#wantsPause) upload.pause();
    this.#set({ size: source.size });
    const unsubscribe = upload.subscribe((progress) => this.#onProgress(progress, signal));
    try {
      this.#onProgress(upload.progress, signal);
      const { imageId } = await upload.done;
      return signal.aborted ? null : imageId;
    } finally {
      unsubscribe();
    }
  }

  #onProgress(progress: UploadProgress, signal: AbortSignal): void {
    // How it ended is told by `done`, with the reason.
    const isEnd = progress.state === 'done' || progress.state === 'failed' || progress.state === 'cancelled';
    if (signal.aborted) return;
    const phase = isEnd ? this.state.phase : (progress.state as Phase);
    this.#set({ phase, progress, moments: momentsAfter(this.state.moments, progress.state, this.#ports.now()) });
  }

  #onSight({ image, trouble }: Sight): void {
    if (image === null) {
      this.#set({ trouble });
      return;
    }
    const phase = PHASE_OF_STATUS[image.status];
    // First seen with its verdict: when it was picked up nobody knows.
    const claimed = this.state.moments.claimed ?? (phase === 'developing' ? this.#ports.now() : null);
    this.#set({ phase, image, trouble, moments: { ...this.state.moments, claimed } });
  }
}

/** Begins to send one photograph and follows it to its end. */
export const createItem = (order: ItemOrder, ports: ItemPorts): Item => new PhotoItem(order, ports);
