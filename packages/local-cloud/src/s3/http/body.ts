import { createHash } from 'node:crypto';
import type { AwsError } from '../../service.ts';
import { ChunkedDecoder } from '../../sigv4/chunked.ts';
import type { Payload } from '../../sigv4/payload.ts';
import { parsePayload } from '../../sigv4/payload.ts';
import { type Algorithm, ALGORITHMS, createDigester, headerName, parseAlgorithm, requireDigest } from '../checksums.ts';
import { s3Error } from '../errors.ts';
import type { BodyWriter } from '../store/bodies.ts';
import type { S3Call } from './call.ts';

/** A body that was taken whole and agrees with all that the client said about it. */
export interface ReceivedBody {
  readonly size: number;
  /** Hexadecimal: the ETag of a body put in one piece. */
  readonly md5: string;
  readonly checksum?: { readonly algorithm: Algorithm; readonly value: string };
}

export interface BodySink {
  write(piece: Buffer): Promise<void> | undefined;
}

interface Demands {
  readonly payload: Payload;
  /** Bytes of the decoded body, when known beforehand. */
  readonly length: number | undefined;
  /** Base64. */
  readonly md5: string | undefined;
  readonly checksum:
    | { readonly algorithm: Algorithm; readonly value: string | undefined; readonly isTrailer: boolean }
    | undefined;
}

/** 5 GiB: the most that one PUT takes. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
/** A document of 1000 keys or 10,000 parts stays well below. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

function payloadOf({ headers, identity }: S3Call): Payload {
  const marker = headers['x-amz-content-sha256'];
  if (identity) return identity.payload;
  return marker === undefined ? { kind: 'unsigned' } : parsePayload(marker);
}

function lengthOf(headers: S3Call['headers'], payload: Payload): number | undefined {
  const text = payload.kind === 'chunked' ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw s3Error('InvalidArgument', { message: 'The content length is not a number.' });
}

function contentMd5(headers: S3Call['headers']): string | undefined {
  const value = headers['content-md5'];
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value.trim(), 'base64');
  if (bytes.length === 16 && bytes.toString('base64') === value.trim()) return value.trim();
  throw s3Error('InvalidDigest', { fields: { 'Content-MD5': value } });
}

function trailerAlgorithm(headers: S3Call['headers']): Algorithm | undefined {
  const names = (headers['x-amz-trailer'] ?? '').toLowerCase().split(',');
  return ALGORITHMS.find((algorithm) => names.some((name) => name.trim() === headerName(algorithm)));
}

/** The one checksum that a request carries, in a header or announced as a trailer. @throws AwsError InvalidRequest */
function checksumOf(headers: S3Call['headers'], fallback: Algorithm | undefined): Demands['checksum'] {
  const given = ALGORITHMS.filter((algorithm) => headers[headerName(algorithm)] !== undefined);
  if (given.length > 1) {
    throw s3Error('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  const [inHeader] = given;
  if (inHeader) {
    return {
      algorithm: inHeader,
      value: requireDigest(inHeader, headers[headerName(inHeader)] ?? ''),
      isTrailer: false,
    };
  }
  const inTrailer = trailerAlgorithm(headers);
  if (inTrailer) return { algorithm: inTrailer, value: undefined, isTrailer: true };
  const announced = headers['x-amz-sdk-checksum-algorithm'];
  if (announced !== undefined) {
    parseAlgorithm(announced);
    throw s3Error('InvalidRequest', {
      message:
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    });
  }
  return fallback && { algorithm: fallback, value: undefined, isTrailer: false };
}

function readDemands(call: S3Call, fallback: Algorithm | undefined): Demands {
  const payload = payloadOf(call);
  return {
    payload,
    length: lengthOf(call.headers, payload),
    md5: contentMd5(call.headers),
    checksum: checksumOf(call.headers, fallback),
  };
}

function decoderOf({ identity }: S3Call, payload: Payload): ChunkedDecoder | undefined {
  if (payload.kind !== 'chunked') return undefined;
  if (!payload.signed) return new ChunkedDecoder({ trailer: payload.trailer });
  if (!identity?.seed) throw s3Error('AccessDenied');
  return new ChunkedDecoder({ trailer: payload.trailer, seed: identity.seed });
}

function tooLarge(size: number, limit: number): AwsError {
  return s3Error('EntityTooLarge', { fields: { ProposedSize: size, MaxSizeAllowed: limit } });
}

/** Reads one body in a single pass, hashing only what is asked for. */
class BodyReader {
  readonly #call: S3Call;
  readonly #demands: Demands;
  readonly #limit: number;
  #size = 0;

  constructor(call: S3Call, demands: Demands, limit: number) {
    this.#call = call;
    this.#demands = demands;
    this.#limit = limit;
    if ((demands.length ?? 0) > limit) throw tooLarge(demands.length ?? 0, limit);
  }

  async read(sink: BodySink): Promise<ReceivedBody> {
    const { payload } = this.#demands;
    const decoder = decoderOf(this.#call, payload);
    const digests = createDigests(this.#demands);
    await this.#pump(decoder, (piece) => {
      this.#count(piece.length);
      digests.update(piece);
      return sink.write(piece);
    });
    const { md5, sha256, checksum } = digests.end();
    if (payload.kind === 'sha256') requireSha256(payload.hex, sha256);
    this.#requireMd5(md5);
    const body = { size: this.#size, md5: md5.toString('hex') };
    return checksum === undefined ? body : { ...body, checksum: this.#requireChecksum(checksum, decoder?.trailers) };
  }

  async #pump(decoder: ChunkedDecoder | undefined, take: (piece: Buffer) => Promise<void> | undefined): Promise<void> {
    const pieces: Buffer[] = [];
    // An error in the middle must leave the connection alone: its answer goes the same way.
    const chunks = this.#call.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of chunks) {
      if (!decoder) {
        await take(chunk);
        continue;
      }
      decoder.push(chunk, (piece) => pieces.push(piece));
      for (const piece of pieces.splice(0)) await take(piece);
    }
    decoder?.end();
    if (this.#demands.length !== undefined && this.#demands.length !== this.#size) throw s3Error('IncompleteBody');
  }

  #count(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#limit) throw tooLarge(this.#size, this.#limit);
    if (this.#size > (this.#demands.length ?? this.#limit)) throw s3Error('IncompleteBody');
  }

  #requireMd5(computed: Buffer): void {
    const { md5: expected } = this.#demands;
    const calculated = computed.toString('base64');
    if (expected === undefined || expected === calculated) return;
    throw s3Error('BadDigest', { fields: { ExpectedDigest: expected, CalculatedDigest: calculated } });
  }

  #requireChecksum(
    computed: { algorithm: Algorithm; value: string },
    trailers: ReadonlyMap<string, string> | undefined,
  ) {
    const { algorithm, value } = computed;
    const announced = this.#demands.checksum;
    const expected = announced?.isTrailer ? requireTrailer(algorithm, trailers) : announced?.value;
    if (expected === undefined || expected === value) return computed;
    throw s3Error('BadDigest', { message: `The ${algorithm} you specified did not match the calculated checksum.` });
  }
}

/** All digests that a body needs, in one pass over it. */
function createDigests({ payload, checksum }: Demands) {
  const md5 = createHash('md5');
  const sha256 = payload.kind === 'sha256' ? createHash('sha256') : undefined;
  // A SHA-256 that both the signature and the checksum ask for is computed once.
  const isShared = sha256 !== undefined && checksum?.algorithm === 'SHA256';
  const digester = checksum && !isShared ? createDigester(checksum.algorithm) : undefined;
  return {
    update(piece: Buffer): void {
      md5.update(piece);
      sha256?.update(piece);
      digester?.update(piece);
    },
    end() {
      const digest = sha256?.digest();
      const value = digester?.digest() ?? digest?.toString('base64') ?? '';
      return {
        md5: md5.digest(),
        sha256: digest?.toString('hex') ?? '',
        checksum: checksum && { algorithm: checksum.algorithm, value },
      };
    },
  };
}

function requireSha256(expected: string, computed: string): void {
  if (expected === computed) return;
  throw s3Error('XAmzContentSHA256Mismatch', {
    fields: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: computed },
  });
}

function requireTrailer(algorithm: Algorithm, trailers: ReadonlyMap<string, string> | undefined): string {
  const value = trailers?.get(headerName(algorithm));
  if (value === undefined) {
    throw s3Error('InvalidRequest', {
      message: `The trailer ${headerName(algorithm)} was announced, but it was not sent.`,
    });
  }
  return requireDigest(algorithm, value);
}

/**
 * Takes the body of a PUT to a file and checks length, signature, MD5 and checksum.
 * @param fallback a checksum to compute when the client names none.
 * @throws AwsError MissingContentLength, EntityTooLarge, IncompleteBody, BadDigest, InvalidDigest, XAmzContentSHA256Mismatch,
 *   SignatureDoesNotMatch; the file is gone then.
 */
export async function receiveFile(call: S3Call, fallback?: Algorithm): Promise<{ file: string; body: ReceivedBody }> {
  const demands = readDemands(call, fallback);
  if (demands.length === undefined) throw s3Error('MissingContentLength');
  const reader = new BodyReader(call, demands, MAX_PUT_BYTES);
  const writer = call.store.bodies.createWriter();
  try {
    const body = await reader.read(writer);
    return { file: await endWriter(writer), body };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** The file of a finished body; '' for no bytes, which need none. */
export async function endWriter(writer: BodyWriter): Promise<string> {
  if (writer.size === 0) return '';
  await writer.end();
  return writer.file;
}

/** Takes a small document, checked as any body. @throws AwsError EntityTooLarge and all of `receiveFile`. */
export async function receiveDocument(call: S3Call): Promise<string> {
  const pieces: Buffer[] = [];
  const sink: BodySink = {
    write(piece) {
      pieces.push(piece);
      return undefined;
    },
  };
  await new BodyReader(call, readDemands(call, undefined), MAX_DOCUMENT_BYTES).read(sink);
  return Buffer.concat(pieces).toString('utf8');
}
