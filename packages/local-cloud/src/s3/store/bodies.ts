import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const readFd = promisify(read);

/** One stretch of a file that belongs to a body. */
export interface Segment {
  readonly file: string;
  readonly start: number;
  readonly length: number;
}

/** A body up to this many bytes is written, and read, by one call: two turns of the thread pool cost more than the copy. */
const ONE_CALL_BYTES = 1024 * 1024;
/** Read size of large bodies. */
const READ_BYTES = 512 * 1024;

/**
 * Files of object bodies. Names are random: no key ever reaches the file system. A body is written to `tmp/` and moved to
 * `objects/xx/` right after the row that names it is committed, so that what lies in `tmp/` at a start is either named
 * (then it is moved) or was never acknowledged (then it is removed).
 */
export class BodyStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    mkdirSync(join(root, 'tmp'), { recursive: true });
    if (existsSync(join(root, 'objects', 'ff'))) return;
    for (let first = 0; first < 256; first += 1) {
      mkdirSync(join(root, 'objects', first.toString(16).padStart(2, '0')), { recursive: true });
    }
  }

  createWriter(): BodyWriter {
    const file = randomBytes(16).toString('hex');
    return new BodyWriter(file, this.#temporary(file));
  }

  /** Moves a body to its place; call in the same turn as the commit, so that no reader comes between. */
  settle(file: string): void {
    renameSync(this.#temporary(file), this.#path(file));
  }

  /** Names of bodies that were not settled when the process ended. */
  unsettled(): string[] {
    return readdirSync(join(this.#root, 'tmp'));
  }

  discard(file: string): void {
    rmSync(this.#temporary(file), { force: true });
  }

  remove(file: string): void {
    rmSync(this.#path(file), { force: true });
  }

  /** Opens what `read` will need at once, so that a later removal of the object does not hurt a reader. */
  open(segments: readonly Segment[]): OpenBody {
    const openFile = (file: string): number => openSync(this.#path(file), 'r');
    return new OpenBody(
      segments,
      segments.slice(0, MAX_OPEN).map(({ file }) => openFile(file)),
      openFile,
    );
  }

  #temporary(file: string): string {
    return join(this.#root, 'tmp', file);
  }

  #path(file: string): string {
    return join(this.#root, 'objects', file.slice(0, 2), file);
  }
}

/** Files of one body opened beforehand; a body of more parts opens the rest as it gets there. Keeps many readers within 1024. */
const MAX_OPEN = 16;

/** Takes the bytes of one body; memory stays below about 2 MiB. */
export class BodyWriter {
  readonly file: string;
  readonly #path: string;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #handle: FileHandle | undefined;
  size = 0;

  constructor(file: string, path: string) {
    this.file = file;
    this.#path = path;
  }

  /** Keeps the piece; the promise, when there is one, must be awaited before the next write. */
  write(piece: Buffer): Promise<void> | undefined {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    this.size += piece.length;
    return this.#waitingBytes > ONE_CALL_BYTES ? this.#flush() : undefined;
  }

  async end(): Promise<void> {
    if (this.#handle) {
      await this.#flush();
      await this.#handle.close();
      this.#handle = undefined;
      return;
    }
    const fd = openSync(this.#path, 'wx', 0o600);
    try {
      writeFully(fd, this.#waiting.length === 1 && this.#waiting[0] ? this.#waiting[0] : Buffer.concat(this.#waiting));
    } finally {
      closeSync(fd);
      this.#waiting = [];
    }
  }

  /** Removes what was written. */
  async abort(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
    rmSync(this.#path, { force: true });
  }

  async #flush(): Promise<void> {
    this.#handle ??= await open(this.#path, 'wx', 0o600);
    const pieces = this.#waiting;
    const wanted = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (wanted === 0) return;
    const { bytesWritten } = await this.#handle.writev(pieces);
    // A short write happens on a full disk or a signal; the rest goes the plain way, which fails loudly.
    if (bytesWritten < wanted) await this.#handle.appendFile(Buffer.concat(pieces).subarray(bytesWritten));
  }
}

function writeFully(fd: number, data: Buffer): void {
  for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
}

/** A body that can be read once. */
export class OpenBody {
  readonly length: number;
  readonly #segments: readonly Segment[];
  readonly #fds: (number | undefined)[];
  readonly #open: (file: string) => number;

  constructor(segments: readonly Segment[], fds: number[], openFile: (file: string) => number) {
    this.#segments = segments;
    this.#fds = fds;
    this.#open = openFile;
    this.length = segments.reduce((sum, { length }) => sum + length, 0);
  }

  /** The whole body when it is small, read by one call; undefined when it has to be streamed. */
  readAtOnce(): Buffer | undefined {
    const [segment] = this.#segments;
    const [fd] = this.#fds;
    if (!segment || fd === undefined || this.#segments.length > 1 || segment.length > ONE_CALL_BYTES) return undefined;
    try {
      const data = Buffer.allocUnsafe(segment.length);
      for (let at = 0; at < data.length; ) {
        const bytesRead = readSync(fd, data, at, data.length - at, segment.start + at);
        if (bytesRead === 0) throw new Error(`expected ${data.length} bytes for ${segment.file} but received ${at}`);
        at += bytesRead;
      }
      return data;
    } finally {
      this.close();
    }
  }

  /** The bytes in pieces of at most 512 KiB; closes the files at the end or when the reader leaves. */
  async *stream(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for (const [index, segment] of this.#segments.entries()) {
        this.#fds[index] ??= this.#open(segment.file);
        yield* readSegment(this.#fds[index], segment);
        closeSync(this.#fds[index]);
        this.#fds[index] = undefined;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    for (const [index, fd] of this.#fds.entries()) {
      if (fd !== undefined) closeSync(fd);
      this.#fds[index] = undefined;
    }
  }
}

async function* readSegment(fd: number, { file, start, length }: Segment): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < length; ) {
    const piece = Buffer.allocUnsafe(Math.min(READ_BYTES, length - at));
    const { bytesRead } = await readFd(fd, piece, 0, piece.length, start + at);
    if (bytesRead === 0) throw new Error(`expected ${length} bytes for ${file} but received ${at}`);
    at += bytesRead;
    yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead);
  }
}
