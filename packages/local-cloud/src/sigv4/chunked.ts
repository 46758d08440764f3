import { createHash, type Hash } from 'node:crypto';
import { AwsError } from '../service.ts';
import { sha256Hex } from './canonical.ts';
import { hmac, isSameSignature } from './keys.ts';
import type { ChunkSeed } from './verify.ts';

export interface ChunkedOptions {
  /** Given for the signed forms: every chunk carries a signature that continues the chain. */
  readonly seed?: ChunkSeed;
  readonly trailer: boolean;
}

/** `size;chunk-signature=…`: a longer line is no chunk header. */
const MAX_LINE_BYTES = 8 * 1024;
const EMPTY_SHA256 = sha256Hex('');
const LF = 0x0a;

const malformed = (message: string) => new AwsError('InvalidRequest', message);
const incomplete = () =>
  new AwsError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header');

function mismatch(): AwsError {
  return new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { status: 403 },
  );
}

/**
 * Decodes `Content-Encoding: aws-chunked` (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and
 * …/sigv4-streaming-trailers.html): hex size, CRLF, bytes, CRLF, until a chunk of size 0; then trailers. Holds no body bytes.
 */
export class ChunkedDecoder {
  readonly trailers = new Map<string, string>();
  readonly #seed: ChunkSeed | undefined;
  readonly #expectsTrailer: boolean;
  #signature: string;
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size';
  #line = '';
  #left = 0;
  #isLast = false;
  #hash: Hash | undefined;
  #claimed = '';

  constructor(options: ChunkedOptions) {
    this.#seed = options.seed;
    this.#expectsTrailer = options.trailer;
    this.#signature = options.seed?.signature ?? '';
  }

  /** @throws AwsError InvalidRequest for a malformed chunk, SignatureDoesNotMatch for a chunk that was changed. */
  push(chunk: Buffer, emit: (piece: Buffer) => void): void {
    let at = 0;
    while (at < chunk.length) at = this.#state === 'data' ? this.#takeData(chunk, at, emit) : this.#takeLine(chunk, at);
  }

  /** To be called after the last byte. @throws AwsError IncompleteBody when the last chunk is missing. */
  end(): void {
    if (this.#state === 'trailer' && this.#line === '') this.#finish();
    if (this.#state !== 'done') throw incomplete();
  }

  #takeData(chunk: Buffer, at: number, emit: (piece: Buffer) => void): number {
    const piece = chunk.subarray(at, at + this.#left);
    this.#hash?.update(piece);
    emit(piece);
    this.#left -= piece.length;
    if (this.#left === 0) this.#state = 'data-end';
    return at + piece.length;
  }

  #takeLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(LF, at);
    this.#line += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
    if (this.#line.length > MAX_LINE_BYTES) throw malformed('The chunk header is too long.');
    if (end < 0) return chunk.length;
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    this.#onLine(line);
    return end + 1;
  }

  #onLine(line: string): void {
    if (this.#state === 'size') this.#onSize(line);
    else if (this.#state === 'data-end') this.#onDataEnd(line);
    else if (this.#state === 'trailer') this.#onTrailer(line);
    else if (line !== '') throw malformed('expected nothing after the last chunk but received more bytes');
  }

  #onSize(line: string): void {
    const match = /^([0-9a-fA-F]{1,13})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
    if (!match) throw malformed('expected a hexadecimal chunk size but received something else');
    if (this.#seed && match[2] === undefined) throw mismatch();
    this.#left = Number.parseInt(match[1] ?? '', 16);
    this.#claimed = match[2] ?? '';
    this.#isLast = this.#left === 0;
    if (this.#seed) this.#hash = createHash('sha256');
    if (!this.#isLast) this.#state = 'data';
    else {
      this.#verifyChunk();
      this.#state = 'trailer';
    }
  }

  #onDataEnd(line: string): void {
    if (line !== '') throw malformed('expected CRLF after a chunk but received something else');
    this.#verifyChunk();
    this.#state = 'size';
  }

  #verifyChunk(): void {
    if (!this.#seed || !this.#hash) return;
    const { key, amzDate, scope } = this.#seed;
    const parts = ['AWS4-HMAC-SHA256-PAYLOAD', amzDate, scope, this.#signature, EMPTY_SHA256, this.#hash.digest('hex')];
    const expected = hmac(key, parts.join('\n')).toString('hex');
    if (!isSameSignature(expected, this.#claimed)) throw mismatch();
    this.#signature = expected;
  }

  #onTrailer(line: string): void {
    if (line === '') {
      this.#finish();
      return;
    }
    const cut = line.indexOf(':');
    if (cut <= 0) throw malformed('expected "name:value" for a trailer but received something else');
    this.trailers.set(line.slice(0, cut).trim().toLowerCase(), line.slice(cut + 1).trim());
  }

  #finish(): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    if (this.#seed && this.#expectsTrailer) this.#verifyTrailer(this.#seed);
  }

  #verifyTrailer(seed: ChunkSeed): void {
    const claimed = this.trailers.get('x-amz-trailer-signature') ?? '';
    this.trailers.delete('x-amz-trailer-signature');
    const text = [...this.trailers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}:${value}\n`);
    const parts = ['AWS4-HMAC-SHA256-TRAILER', seed.amzDate, seed.scope, this.#signature, sha256Hex(text.join(''))];
    if (!isSameSignature(hmac(seed.key, parts.join('\n')).toString('hex'), claimed)) throw mismatch();
  }
}
