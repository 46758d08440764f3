import type { ResumeRecord, Uploader, UploadSource } from '@darkroom/client';
import { createItem, type Item, isOver, type ItemPorts, type ItemState, type Opened, type Phase } from './item.ts';

export interface SessionPorts extends Pick<ItemPorts, 'follow' | 'now'> {
  readonly uploader: Uploader;
  readonly fromBlob: (blob: Blob) => UploadSource;
  readonly fromRecord: (record: ResumeRecord) => UploadSource;
  /** Settles once no other page and no other item of this one works on the same file; answers what ends the hold. */
  readonly hold: (fingerprint: string) => Promise<() => void>;
  /** Makes a smaller copy, or answers the file as it is. */
  readonly smaller: (file: File) => Promise<File>;
}

/** An item with the bytes that a preview can be made of, where there are any. */
export interface Entry {
  readonly item: Item;
  readonly blob: Blob | null;
}

export interface SessionEvents {
  readonly onAdded: (entry: Entry) => void;
  readonly onChange: (state: ItemState, before: Phase) => void;
  readonly onRemoved: (key: string) => void;
}

export interface Session {
  readonly add: (files: readonly File[], options: { smaller: boolean }) => void;
  /** Goes on with what an earlier page began. */
  readonly restore: () => Promise<void>;
  readonly pauseAll: () => void;
  readonly resumeAll: () => void;
  /** Gives one up and takes it off the list. */
  readonly remove: (key: string) => void;
  /** Takes everything that has ended off the list. */
  readonly clear: () => void;
  readonly states: () => readonly ItemState[];
}

const nothing = (): void => undefined;

/** Holds the photographs of this page, in the order they were chosen. */
export const createSession = (ports: SessionPorts, events: SessionEvents): Session => {
  const entries = new Map<string, Entry>();
  const fingerprints = new Map<string, string>();
  let count = 0;
  /** Decoding a 12-megapixel photograph takes 50 MB: one at a time, whatever was dropped. */
  let shrinking: Promise<unknown> = Promise.resolve();

  const shrunk = (file: File): Promise<File> => {
    const next = shrinking.then(() => ports.smaller(file));
    shrinking = next.catch(nothing);
    return next;
  };

  const drop = (key: string): void => {
    entries.delete(key);
    fingerprints.delete(key);
    events.onRemoved(key);
  };

  const opened = async (key: string, source: UploadSource): Promise<Opened> => {
    if (source.fingerprint === null) return { source, release: nothing };
    // The file of a failed row was chosen again: the new row goes on for it.
    for (const [other, fingerprint] of fingerprints)
      if (fingerprint === source.fingerprint && entries.get(other)?.item.state.phase === 'failed') drop(other);
    fingerprints.set(key, source.fingerprint);
    return { source, release: await ports.hold(source.fingerprint) };
  };

  const enter = (order: Omit<Parameters<typeof createItem>[0], 'key' | 'open'>, more: OpenOrder): void => {
    count += 1;
    const key = `photo-${count}`;
    const item = createItem({ ...order, key, open: () => more.open(key) }, ports);
    const entry = { item, blob: more.blob };
    entries.set(key, entry);
    item.subscribe((state, before) => events.onChange(state, before));
    events.onAdded(entry);
  };

  const takeOver = async ({ fingerprint }: ResumeRecord): Promise<void> => {
    const release = await ports.hold(fingerprint);
    // The page that held it may have finished it meanwhile.
    const record = (await ports.uploader.interrupted()).find((other) => other.fingerprint === fingerprint);
    if (record === undefined) {
      release();
      return;
    }
    let first: (() => void) | null = release;
    const open = async (key: string): Promise<Opened> => {
      fingerprints.set(key, fingerprint);
      const held = first ?? (await ports.hold(fingerprint));
      first = null;
      if (record.blob !== undefined) return { source: ports.fromRecord(record), release: held };
      held();
      throw Object.assign(new Error('expected the bytes of the file but received its record only'), {
        code: 'FILE_NEEDED',
      });
    };
    const { name, size, blob = null } = record;
    enter({ name: name ?? 'Unnamed photograph', size, restored: true, paused: false }, { open, blob });
  };

  const forget = async (fingerprint: string): Promise<void> => {
    const records = await ports.uploader.interrupted();
    const record = records.find((other) => other.fingerprint === fingerprint);
    if (record !== undefined) await ports.uploader.forget(record);
  };

  const remove = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    const { phase } = entry.item.state;
    entry.item.cancel();
    const fingerprint = fingerprints.get(key);
    // A failed upload is still remembered; taken off the list, it must not come back with the next reload.
    if (phase === 'failed' && fingerprint !== undefined) forget(fingerprint).catch(nothing);
    drop(key);
  };

  const states = () => [...entries.values()].map(({ item }) => item.state);

  return {
    add: (files, { smaller }) => {
      for (const file of files) {
        const open = async (key: string) => opened(key, ports.fromBlob(smaller ? await shrunk(file) : file));
        enter({ name: file.name, size: file.size, restored: false, paused: false }, { open, blob: file });
      }
    },
    restore: async () => {
      for (const record of await ports.uploader.interrupted()) void takeOver(record);
    },
    pauseAll: () => {
      for (const { item } of entries.values()) item.pause();
    },
    resumeAll: () => {
      for (const { item } of entries.values()) item.resume();
    },
    remove,
    clear: () => {
      for (const { key, phase } of states()) if (isOver(phase)) remove(key);
    },
    states,
  };
};

interface OpenOrder {
  readonly open: (key: string) => Promise<Opened>;
  readonly blob: Blob | null;
}
