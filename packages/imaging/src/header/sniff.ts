import type { RejectCode } from '@darkroom/types/codes';
import type { SourceFormat } from '@darkroom/types/image';

/** What the first bytes say: a format we take, or why we do not. */
export type Sniffed =
  | { readonly kind: 'format'; readonly format: SourceFormat }
  | { readonly kind: 'reject'; readonly code: RejectCode };

type Part = readonly [at: number, bytes: Buffer];

const MAGIC: readonly {
  readonly format: SourceFormat;
  readonly parts: readonly Part[];
}[] = [
  { format: 'jpeg', parts: [[0, Buffer.from([0xff, 0xd8, 0xff])]] },
  { format: 'png', parts: [[0, Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')]] },
  { format: 'gif', parts: [[0, Buffer.from('GIF87a')]] },
  { format: 'gif', parts: [[0, Buffer.from('GIF89a')]] },
  {
    format: 'webp',
    parts: [
      [0, Buffer.from('RIFF')],
      [8, Buffer.from('WEBP')],
    ],
  },
  { format: 'avif', parts: [[4, Buffer.from('ftypavif')]] },
  // A still image of any coding; the header tells which.
  { format: 'avif', parts: [[4, Buffer.from('ftypmif1')]] },
];

/** HEIF brands whose pictures are HEVC (ISO/IEC 23008-12, annex B). */
const HEVC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
/** Image sequences: the decoder reads none of them. */
const SEQUENCE_BRANDS = new Set(['avis', 'msf1']);

/** True when every byte of a magic number that is there is right, and some of its first part is. */
const agrees = (bytes: Buffer, parts: readonly Part[]): boolean =>
  parts.every(([at, part], index) => {
    const there = bytes.subarray(at, at + part.length);
    return there.equals(part.subarray(0, there.length)) && (index > 0 || there.length > 0);
  });

/** Bytes that every format here can be told by. */
const ENOUGH = 12;

const brandCode = (bytes: Buffer): RejectCode => {
  if (bytes.toString('latin1', 4, 8) !== 'ftyp') return 'UNSUPPORTED_FORMAT';
  const brand = bytes.toString('latin1', 8, 12);
  if (HEVC_BRANDS.has(brand)) return 'HEIC_UNSUPPORTED';
  return SEQUENCE_BRANDS.has(brand) ? 'UNSUPPORTED_FEATURE' : 'UNSUPPORTED_FORMAT';
};

/**
 * Tells the format by bytes alone; names and declared types lie. Only formats of the list are taken, so SVG, TIFF, PDF, BMP
 * and everything else is UNSUPPORTED_FORMAT. A file that ends within its magic number is TRUNCATED_OR_CORRUPT.
 */
export const sniff = (bytes: Buffer): Sniffed => {
  const match = MAGIC.find(({ parts }) => agrees(bytes, parts));
  if (match === undefined) return { kind: 'reject', code: brandCode(bytes) };
  if (bytes.length < ENOUGH) return { kind: 'reject', code: 'TRUNCATED_OR_CORRUPT' };
  return { kind: 'format', format: match.format };
};
