import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

/** A log is renamed to `.1` past this size, so that one function keeps 20 MB at most. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/** Lambda's X-Amz-Log-Result holds the last 4 KB. */
const TAIL_BYTES = 4096;

/** Lines are written together: at most this late, in milliseconds. */
const FLUSH_MS = 200;

/** One function's log: whole lines, written in the background to one file that is rotated. */
export class FunctionLog {
  readonly #file: string;
  readonly #takeMetric: (line: string) => boolean;
  #pending: string[] = [];
  #tail = '';
  #size: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param takeMetric returns true for lines that are metrics and do not belong in the log */
  constructor(file: string, takeMetric: (line: string) => boolean) {
    this.#file = file;
    this.#takeMetric = takeMetric;
  }

  /** The last 4 KB of what was written. */
  get tail(): string {
    return this.#tail;
  }

  /** A sink for one process's output, cut into lines at newlines whatever the chunks. */
  sink(): (chunk: Buffer) => void {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    return (chunk) => {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.write(line);
    };
  }

  write(line: string): void {
    if (line === '' || this.#takeMetric(line)) return;
    this.#pending.push(line);
    this.#tail = `${this.#tail}${line}\n`.slice(-TAIL_BYTES);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Writes what is pending; resolves when it is in the file. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#pending.map((line) => `${line}\n`).join('');
    this.#pending = [];
    if (text !== '') this.#writing = this.#writing.then(() => this.#append(text));
    return this.#writing;
  }

  async #append(text: string): Promise<void> {
    this.#size ??= await this.#prepare();
    if (this.#size > ROTATE_BYTES) {
      await rename(this.#file, `${this.#file}.1`);
      this.#size = 0;
    }
    await appendFile(this.#file, text);
    this.#size += Buffer.byteLength(text);
  }

  async #prepare(): Promise<number> {
    await mkdir(dirname(this.#file), { recursive: true });
    const existing = await stat(this.#file).catch(() => undefined);
    return existing?.size ?? 0;
  }
}
