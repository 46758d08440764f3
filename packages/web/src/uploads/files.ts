/** Files out of pickers, drops and the clipboard. */

/** Names of images whose type some systems do not tell. */
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  hif: 'image/heif',
};

/** What the API takes for a content type (`createUploadRequestSchema`). */
const IMAGE_TYPE = /^image\/[\w.+-]{1,64}$/;

const typeOf = ({ name, type }: File): string | undefined => {
  if (IMAGE_TYPE.test(type)) return type;
  return TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
};

export interface Chosen {
  readonly images: readonly File[];
  /** Names of files that are no images, by type and by name. */
  readonly leftOut: readonly string[];
}

/** Hidden files of systems that lie in every folder of photographs: nobody misses them. */
const isLitter = ({ name }: File): boolean => name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini';

/** Parts images from the rest. Files whose system gives no type get the one of their name. */
export const sorted = (files: readonly File[]): Chosen => {
  const images: File[] = [];
  const leftOut: string[] = [];
  for (const file of files) {
    if (isLitter(file)) continue;
    const type = typeOf(file);
    if (type === undefined) leftOut.push(file.name);
    else
      images.push(type === file.type ? file : new File([file], file.name, { type, lastModified: file.lastModified }));
  }
  return { images, leftOut };
};

const NAMED = 3;

/** One sentence on what was left out, or an empty text. */
export const leftOutWords = (names: readonly string[]): string => {
  if (names.length === 0) return '';
  const named = names.slice(0, NAMED).join(', ');
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `Left out, not an image: ${named}${more}`;
};

const fileOf = (entry: FileSystemFileEntry): Promise<File[]> =>
  new Promise((resolve) => {
    // A file that cannot be opened (gone, or not ours to read) is not there for us.
    entry.file(
      (file) => resolve([file]),
      () => resolve([]),
    );
  });

const readSome = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> =>
  new Promise((resolve) => {
    reader.readEntries(resolve, () => resolve([]));
  });

const filesIn = async (folder: FileSystemDirectoryEntry): Promise<File[]> => {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // readEntries gives at most 100 at a time in Chromium and an empty list at the end.
  for (let some = await readSome(reader); some.length > 0; some = await readSome(reader)) entries.push(...some);
  entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const files: File[] = [];
  for (const entry of entries) files.push(...(await filesOfEntry(entry)));
  return files;
};

const filesOfEntry = (entry: FileSystemEntry): Promise<File[]> => {
  if (entry.isFile) return fileOf(entry as FileSystemFileEntry);
  return filesIn(entry as FileSystemDirectoryEntry);
};

/** All files of a drop or a paste, folders walked in order of their names. Call it in the event itself: the list is gone after it. */
export const filesOf = (data: DataTransfer): Promise<File[]> => {
  const found = [...data.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => {
      const entry = item.webkitGetAsEntry();
      if (entry?.isDirectory === true) return filesOfEntry(entry);
      const file = item.getAsFile();
      return Promise.resolve(file === null ? [] : [file]);
    });
  return Promise.all(found).then((lists) => lists.flat());
};
