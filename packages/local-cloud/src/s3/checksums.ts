import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { combineCrc, type CrcName, crc32c, crc64nvme } from './crc.ts';
import { s3Error } from './errors.ts';

export type Algorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

/** A checksum as S3 keeps it: base64, for a composite with `-N` behind. */
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly value: string;
  readonly type: ChecksumType;
}

/** Bytes of each digest; a value of another length is no checksum of that kind. */
const LENGTHS: Readonly<Record<Algorithm, number>> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };
export const ALGORITHMS = Object.keys(LENGTHS) as Algorithm[];

export const headerName = (algorithm: Algorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;
export const elementName = (algorithm: Algorithm): string => `Checksum${algorithm}`;

/** @throws AwsError InvalidRequest for a name that S3 does not know. */
export function parseAlgorithm(name: string): Algorithm {
  const found = ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (found) return found;
  throw s3Error('InvalidRequest', {
    message: `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${ALGORITHMS.join(', ')}]`,
  });
}

/** @throws AwsError InvalidRequest when the value is not base64 of the right length. */
export function requireDigest(algorithm: Algorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === LENGTHS[algorithm] && bytes.toString('base64') === value) return value;
  throw s3Error('InvalidRequest', { message: `Value for ${headerName(algorithm)} header is invalid.` });
}

export interface Digester {
  update(data: Buffer): void;
  /** Base64. */
  digest(): string;
}

class Crc32Digester implements Digester {
  readonly #next: (data: Buffer, crc: number) => number;
  #crc = 0;

  constructor(next: (data: Buffer, crc: number) => number) {
    this.#next = next;
  }

  update(data: Buffer): void {
    this.#crc = this.#next(data, this.#crc);
  }

  digest(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc >>> 0);
    return bytes.toString('base64');
  }
}

class Crc64Digester implements Digester {
  #crc = 0n;

  update(data: Buffer): void {
    this.#crc = crc64nvme(data, this.#crc);
  }

  digest(): string {
    return crcToBase64('CRC64NVME', this.#crc);
  }
}

class HashDigester implements Digester {
  readonly #hash: Hash;

  constructor(name: string) {
    this.#hash = createHash(name);
  }

  update(data: Buffer): void {
    this.#hash.update(data);
  }

  digest(): string {
    return this.#hash.digest('base64');
  }
}

/** Computes one checksum over a stream. */
export function createDigester(algorithm: Algorithm): Digester {
  switch (algorithm) {
    case 'CRC32':
      return new Crc32Digester(crc32);
    case 'CRC32C':
      return new Crc32Digester(crc32c);
    case 'CRC64NVME':
      return new Crc64Digester();
    case 'SHA1':
    case 'SHA256':
      return new HashDigester(algorithm.toLowerCase());
  }
}

function crcToBase64(name: CrcName, crc: bigint): string {
  return Buffer.from(crc.toString(16).padStart(LENGTHS[name] * 2, '0'), 'hex').toString('base64');
}

const toCrc = (base64: string): bigint => BigInt(`0x${Buffer.from(base64, 'base64').toString('hex')}`);

function isCrc(algorithm: Algorithm): algorithm is CrcName {
  return algorithm.startsWith('CRC');
}

/** The type an upload gets unless it names one. @throws AwsError InvalidRequest for a pair that S3 refuses. */
export function checksumTypeOf(algorithm: Algorithm, wanted: string | undefined): ChecksumType {
  const type = wanted ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const isAllowed = type === 'FULL_OBJECT' ? isCrc(algorithm) : type === 'COMPOSITE' && algorithm !== 'CRC64NVME';
  if (isAllowed) return type as ChecksumType;
  throw s3Error('InvalidRequest', {
    message: `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  });
}

export interface PartChecksum {
  /** Base64. */
  readonly value: string;
  /** Bytes of the part. */
  readonly size: number;
}

/**
 * The checksum of a multipart object: of the parts' checksums with `-N` behind, or, for a CRC, of the whole object
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html).
 */
export function combineChecksums(algorithm: Algorithm, type: ChecksumType, parts: readonly PartChecksum[]): Checksum {
  if (type === 'FULL_OBJECT' && isCrc(algorithm)) {
    const crc = parts.reduce(
      (all, part) => combineCrc(algorithm, all, { crc: toCrc(part.value), length: part.size }),
      0n,
    );
    return { algorithm, type, value: crcToBase64(algorithm, crc) };
  }
  const digester = createDigester(algorithm);
  for (const part of parts) digester.update(Buffer.from(part.value, 'base64'));
  return { algorithm, type, value: `${digester.digest()}-${parts.length}` };
}
