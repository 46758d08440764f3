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
];

/** Brands of HEIF files (ISO/IEC 23008-12, annex B; AVIF, section 6). Those of `mif1` and its like may be of any coding: the header tells. */
const HEIF_BRANDS: Readonly<Record<string, SourceFormat>> = {
  ...{ avif: 'avif', avis: 'avif', mif1: 'avif', mif2: 'avif', msf1: 'avif', miaf: 'avif' },
  ...{ heic: 'heic', heix: 'heic', heim: 'heic', heis: 'heic', hevc: 'heic', hevx: 'heic', hevm: 'heic', hevs: 'heic' },
};
/** Compatible brands looked at. */
const MAX_BRANDS = 16;

/** True when every byte of a magic number that is there is right, and some of its first part is. */
const agrees = (bytes: Buffer, parts: readonly Part[]): boolean =>
  parts.every(([at, part], index) => {
    const there = bytes.subarray(at, at + part.length);
    return there.equals(part.subarray(0, there.length)) && (index > 0 || there.length > 0);
  });

/** Bytes that every format here can be told by. */
const ENOUGH = 12;

/** Format by the brands of an `ftyp` box (ISO/IEC 14496-12, 4.3), the major one first; undefined for films and other files. */
const heifFormat = (bytes: Buffer): SourceFormat | undefined => {
  if (bytes.toString('latin1', 4, 8) !== 'ftyp') return undefined;
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 16 + 4 * MAX_BRANDS);
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) {
    const format = HEIF_BRANDS[bytes.toString('latin1', at, at + 4)];
    if (format !== undefined) return format;
  }
  return undefined;
};

const FTYP: readonly Part[] = [[4, Buffer.from('ftyp')]];

const sniffHeif = (bytes: Buffer): Sniffed => {
  const isCutOff = bytes.length < ENOUGH && bytes.length > 4 && agrees(bytes, FTYP);
  if (isCutOff) return { kind: 'reject', code: 'TRUNCATED_OR_CORRUPT' };
  const format = bytes.length < ENOUGH ? undefined : heifFormat(bytes);
  return format === undefined ? { kind: 'reject', code: 'UNSUPPORTED_FORMAT' } : { kind: 'format', format };
};

/**
 * Tells the format by bytes alone; names and declared types lie. Only formats of the list are taken, so SVG, TIFF, PDF, BMP
 * and everything else is UNSUPPORTED_FORMAT. A file that ends within its magic number is TRUNCATED_OR_CORRUPT.
 */
export const sniff = (bytes: Buffer): Sniffed => {
  const match = MAGIC.find(({ parts }) => agrees(bytes, parts));
  if (match === undefined) return sniffHeif(bytes);
  if (bytes.length < ENOUGH) return { kind: 'reject', code: 'TRUNCATED_OR_CORRUPT' };
  return { kind: 'format', format: match.format };
};
