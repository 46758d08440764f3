import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredPart, StoredUpload, UploadDetails } from './model.ts';

type UploadRow = Omit<StoredUpload, 'details'> & { details: string };

const toUpload = (row: UploadRow): StoredUpload => ({ ...row, details: JSON.parse(row.details) as UploadDetails });

/** Rows of multipart uploads that are neither completed nor aborted. */
export class UploadTable {
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #range: StatementSync;
  readonly #older: StatementSync;
  readonly #putPart: StatementSync;
  readonly #findPart: StatementSync;
  readonly #removePart: StatementSync;
  readonly #throwAway: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT * FROM uploads WHERE id = ?');
    this.#add = db.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM uploads WHERE id = ?');
    this.#range = db.prepare('SELECT * FROM uploads WHERE bucket = ? AND key >= ? ORDER BY key, initiated, id LIMIT ?');
    this.#older = db.prepare('SELECT * FROM uploads WHERE bucket = ? AND initiated <= ?');
    this.#putPart = db.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#findPart = db.prepare('SELECT file FROM parts WHERE upload = ? AND number = ?');
    this.#removePart = db.prepare('DELETE FROM parts WHERE upload = ? AND number = ?');
    this.#throwAway = db.prepare('INSERT OR IGNORE INTO garbage VALUES (?)');
  }

  find(id: string): StoredUpload | undefined {
    const row = this.#find.get(id) as unknown as UploadRow | undefined;
    return row && toUpload(row);
  }

  add({ id, bucket, key, initiated, details }: StoredUpload): void {
    this.#add.run(id, bucket, key, initiated, JSON.stringify(details));
  }

  remove(id: string): void {
    this.#remove.run(id);
  }

  range(bucket: string, from: string, limit: number): StoredUpload[] {
    return (this.#range.all(bucket, from, limit) as unknown as UploadRow[]).map(toUpload);
  }

  /** Uploads begun at or before a moment (milliseconds). */
  begunBefore(bucket: string, moment: number): StoredUpload[] {
    return (this.#older.all(bucket, moment) as unknown as UploadRow[]).map(toUpload);
  }

  /** Puts a part in the place of an earlier one of the same number. */
  putPart(upload: string, part: StoredPart): void {
    this.#throwAwayPart(upload, part.number);
    const { number, file, size, etag, modified, checksum } = part;
    this.#putPart.run(upload, number, file, size, etag, modified, checksum ? JSON.stringify(checksum) : null);
  }

  removePart(upload: string, number: number): void {
    this.#throwAwayPart(upload, number);
    this.#removePart.run(upload, number);
  }

  #throwAwayPart(upload: string, number: number): void {
    const row = this.#findPart.get(upload, number) as { file: string } | undefined;
    if (row?.file) this.#throwAway.run(row.file);
  }
}
