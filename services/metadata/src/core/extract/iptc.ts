import { decodeText } from './text.ts';

/** Image resources looked at: Photoshop writes some dozens. */
const MAX_RESOURCES = 256;
/** Data sets looked at, and values kept of one that may repeat. */
const MAX_DATASETS = 512;
const MAX_REPEATS = 64;
/** Longest value read, in bytes: IIM allows 2,000 for a caption, and writers go beyond. */
const MAX_BYTES = 8_192;

const SIGNATURE = '8BIM';
const PREFIX = 'Photoshop 3.0\0';
/** Image resource that holds IIM (Adobe Photoshop File Formats Specification, "Image Resource IDs"). */
const IPTC_RESOURCE = 0x0404;
const TAG_MARKER = 0x1c;
/** IIM 4.2, 1:90 "Coded Character Set": ESC % G means UTF-8. */
const UTF8 = '\u001b%G';
const ENVELOPE = 1;
const APPLICATION = 2;
const CHARACTER_SET = 90;

/** Data set of record 2 → its texts, in order. */
export type IptcTexts = ReadonlyMap<number, readonly string[]>;

const padded = (length: number): number => length + (length % 2);

/** The IIM within Photoshop's image resources, or the block itself when it is bare IIM. Undefined when it is neither. */
const iimOf = (block: Buffer): Buffer | undefined => {
  if (block[0] === TAG_MARKER) return block;
  let at = block.toString('latin1', 0, PREFIX.length) === PREFIX ? PREFIX.length : 0;
  for (let count = 0; count < MAX_RESOURCES && at + 12 <= block.length; count += 1) {
    if (block.toString('latin1', at, at + 4) !== SIGNATURE) return undefined;
    const id = block.readUInt16BE(at + 4);
    const start = at + 6 + padded(1 + (block[at + 6] ?? 0)) + 4;
    if (start > block.length) return undefined;
    const size = block.readUInt32BE(start - 4);
    if (id === IPTC_RESOURCE) return block.subarray(start, start + size);
    at = start + padded(size);
  }
  return undefined;
};

interface Dataset {
  readonly record: number;
  readonly id: number;
  readonly value: Buffer;
}

/** Data sets in order, until one is broken. Extended ones (over 32 KB) end the reading: nothing that is kept is so long. */
function* datasets(iim: Buffer): Generator<Dataset> {
  let at = 0;
  for (let count = 0; count < MAX_DATASETS && at + 5 <= iim.length; count += 1) {
    const size = iim.readUInt16BE(at + 3);
    if (iim[at] !== TAG_MARKER || size >= 0x8000 || at + 5 + size > iim.length) return;
    const value = iim.subarray(at + 5, at + 5 + Math.min(size, MAX_BYTES));
    yield { record: iim[at + 1] ?? 0, id: iim[at + 2] ?? 0, value };
    at += 5 + size;
  }
}

/**
 * Texts of an IPTC block as decoders hand it over: Photoshop's image resources, or bare IIM 4.2. A character set named in
 * 1:90 holds; without one, valid UTF-8 is UTF-8 and the rest Latin-1, as the Metadata Working Group advises. Never throws.
 */
export const readIptc = (block: Buffer): IptcTexts => {
  const iim = iimOf(block);
  const texts = new Map<number, string[]>();
  let charset: string | undefined;
  for (const { record, id, value } of iim === undefined ? [] : datasets(iim)) {
    if (record === ENVELOPE && id === CHARACTER_SET) charset = value.toString('latin1');
    if (record !== APPLICATION) continue;
    const isLatin = charset !== undefined && charset !== UTF8;
    const known = texts.get(id) ?? [];
    if (known.length < MAX_REPEATS) known.push(isLatin ? value.toString('latin1') : decodeText(value));
    texts.set(id, known);
  }
  return texts;
};
