import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Segment } from './bodies.ts';
import type { ObjectDetails, StoredObject, StoredPart } from './model.ts';

type ObjectRow = Omit<StoredObject, 'details'> & { details: string };
type PartRow = Omit<StoredPart, 'checksum'> & { checksum: string | null };

/** Greater than every key: SQLite sorts any text before any blob. */
const ABOVE_ALL = Buffer.alloc(0);

/** The smallest text that is greater than all texts beginning with `prefix`, in the order of UTF-8; undefined for none. */
export function successor(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point < 0x10ffff) return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}

function toObject(row: ObjectRow): StoredObject {
  return { ...row, details: JSON.parse(row.details) as ObjectDetails };
}

function toPart({ checksum, ...row }: PartRow): StoredPart {
  if (checksum === null) return row;
  return { ...row, checksum: JSON.parse(checksum) as NonNullable<StoredPart['checksum']> };
}

/** Rows of objects and parts. Statements are prepared once; transactions are the caller's. */
export class ObjectTable {
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #range: StatementSync;
  readonly #details: StatementSync;
  readonly #partsOf: StatementSync;
  readonly #throwAwayFile: StatementSync;
  readonly #throwAwayParts: StatementSync;
  readonly #removeParts: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT * FROM objects WHERE bucket = ? AND key = ?');
    this.#put = db.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?');
    this.#range = db.prepare('SELECT * FROM objects WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?');
    this.#details = db.prepare('UPDATE objects SET details = ? WHERE bucket = ? AND key = ?');
    this.#partsOf = db.prepare(
      'SELECT number, file, size, etag, modified, checksum FROM parts WHERE upload = ? ORDER BY number',
    );
    this.#throwAwayFile = db.prepare('INSERT OR IGNORE INTO garbage VALUES (?)');
    this.#throwAwayParts = db.prepare('INSERT OR IGNORE INTO garbage SELECT file FROM parts WHERE upload = ?');
    this.#removeParts = db.prepare('DELETE FROM parts WHERE upload = ?');
  }

  find(bucket: string, key: string): StoredObject | undefined {
    const row = this.#find.get(bucket, key) as unknown as ObjectRow | undefined;
    return row && toObject(row);
  }

  /** Objects from key `from` (inclusive) on that begin with `prefix`, in the order of UTF-8. */
  range(bucket: string, { prefix, from, limit }: { prefix: string; from: string; limit: number }): StoredObject[] {
    const rows = this.#range.all(bucket, from, successor(prefix) ?? ABOVE_ALL, limit) as unknown as ObjectRow[];
    return rows.map(toObject);
  }

  put(object: StoredObject): void {
    const { bucket, key, file, upload, size, etag, modified, sequencer, details } = object;
    this.#put.run(bucket, key, file, upload, size, etag, modified, sequencer, JSON.stringify(details));
  }

  setDetails({ bucket, key, details }: Pick<StoredObject, 'bucket' | 'key' | 'details'>): void {
    this.#details.run(JSON.stringify(details), bucket, key);
  }

  remove(bucket: string, key: string): void {
    this.#remove.run(bucket, key);
  }

  /** Marks the files of a body that is being replaced or removed. */
  throwAwayBody({ file, upload }: Pick<StoredObject, 'file' | 'upload'>): void {
    if (file) this.#throwAwayFile.run(file);
    if (upload === null) return;
    this.#throwAwayParts.run(upload);
    this.#removeParts.run(upload);
  }

  partsOf(upload: string): StoredPart[] {
    return (this.#partsOf.all(upload) as unknown as PartRow[]).map(toPart);
  }

  /** The files that hold the bytes `start` to `end` (exclusive) of an object. */
  segments(object: StoredObject, start = 0, end = object.size): Segment[] {
    if (object.file !== null) return start < end ? [{ file: object.file, start, length: end - start }] : [];
    const segments: Segment[] = [];
    let offset = 0;
    for (const { file, size } of this.partsOf(object.upload ?? '')) {
      const [from, to] = [Math.max(start, offset), Math.min(end, offset + size)];
      if (from < to) segments.push({ file, start: from - offset, length: to - from });
      offset += size;
    }
    return segments;
  }
}
