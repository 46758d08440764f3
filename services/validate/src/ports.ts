/** Reads bytes `start` to `end` (both inclusive) of an original; fewer when it ends before, none when `start` is at its end. */
export type ReadRange = (object: { bucket: string; key: string }, start: number, end: number) => Promise<Buffer>;
