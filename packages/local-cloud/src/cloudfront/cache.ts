/** A complete answer of an origin. */
export interface StoredAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Entry {
  readonly answer: StoredAnswer;
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
  readonly freshUntil: number;
}

export interface EdgeCache {
  /** What is held under a key, with its age in seconds; `fresh` is false when it must be asked for again. */
  readonly get: (key: string) => { answer: StoredAnswer; ageSeconds: number; fresh: boolean } | undefined;
  readonly set: (key: string, answer: StoredAnswer, ttlSeconds: number) => void;
  /** Drops every key that matches, as an invalidation does. Answers how many. */
  readonly drop: (matches: (key: string) => boolean) => number;
  readonly stats: () => { entries: number; bytes: number };
}

/** Answers that are held at most, in bytes of body: the stand-in's memory is judged with everything else in it. */
const MAX_BYTES = 32 * 1024 * 1024;

/** A cache in memory that forgets what was used least recently. */
export const createEdgeCache = (now: () => number, maxBytes = MAX_BYTES): EdgeCache => {
  // A Map keeps the order of insertion: the first key is the one used least recently.
  const entries = new Map<string, Entry>();
  let bytes = 0;

  const remove = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    bytes -= entry.answer.body.length;
    entries.delete(key);
  };

  const touch = (key: string, entry: Entry): void => {
    entries.delete(key);
    entries.set(key, entry);
  };

  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      touch(key, entry);
      return {
        answer: entry.answer,
        ageSeconds: Math.floor((now() - entry.storedAt) / 1000),
        fresh: entry.freshUntil > now(),
      };
    },
    set: (key, answer, ttlSeconds) => {
      remove(key);
      if (ttlSeconds <= 0 || answer.body.length > maxBytes) return;
      entries.set(key, { answer, storedAt: now(), freshUntil: now() + ttlSeconds * 1000 });
      bytes += answer.body.length;
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
    drop: (matches) => {
      const doomed = [...entries.keys()].filter(matches);
      for (const key of doomed) remove(key);
      return doomed.length;
    },
    stats: () => ({ entries: entries.size, bytes }),
  };
};
