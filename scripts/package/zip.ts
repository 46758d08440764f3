import { inflateRawSync } from 'node:zlib';

/** One file of a zip archive; sizes in bytes. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly read: () => Buffer;
}

// Signatures and offsets of APPNOTE.TXT §4.3.7, §4.3.12, §4.3.16.
const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const STORED = 0;

const endOfDirectory = (zip: Buffer): number => {
  for (let offset = zip.length - END_LENGTH; offset >= 0; offset -= 1) {
    if (zip.readUInt32LE(offset) === END_OF_DIRECTORY) return offset;
  }
  throw new Error(`expected a zip archive but received ${zip.length} bytes without an end of central directory`);
};

const contentsOf = (zip: Buffer, entry: number): Buffer => {
  const local = zip.readUInt32LE(entry + 42);
  const start = local + LOCAL_LENGTH + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + zip.readUInt32LE(entry + 20));
  return zip.readUInt16LE(entry + 10) === STORED ? packed : inflateRawSync(packed);
};

/** The files of a zip archive below 4 GB, in its order. Throws when the bytes are no such archive. */
export const readZip = (zip: Buffer): ZipEntry[] => {
  const end = endOfDirectory(zip);
  const entries: ZipEntry[] = [];
  let offset = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const entry = offset;
    if (zip.readUInt32LE(entry) !== DIRECTORY_ENTRY)
      throw new Error(`expected a directory entry at byte ${entry} of the archive`);
    const nameLength = zip.readUInt16LE(entry + 28);
    const name = zip.toString('utf8', entry + ENTRY_LENGTH, entry + ENTRY_LENGTH + nameLength);
    entries.push({ name, size: zip.readUInt32LE(entry + 24), read: () => contentsOf(zip, entry) });
    offset = entry + ENTRY_LENGTH + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
  }
  return entries;
};
