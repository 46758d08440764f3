import { filesOf, leftOutWords, sorted } from './files.ts';

const file = (name: string, type = ''): File => new File(['x'], name, { type, lastModified: 7 });

const fileEntry = (name: string, type?: string) => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (done: (file: File) => void) => done(file(name, type)),
});
const brokenEntry = (name: string) => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (_done: unknown, failed: (error: Error) => void) => failed(new Error('gone')),
});
/** Gives its entries two at a time, as browsers give theirs a hundred at a time. */
const folder = (name: string, children: { name: string }[]) => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader: () => {
    const rest = [...children];
    return { readEntries: (done: (entries: unknown[]) => void) => done(rest.splice(0, 2)) };
  },
});
const transfer = (...entries: unknown[]): DataTransfer =>
  ({
    items: entries.map((entry) => ({
      kind: 'file',
      webkitGetAsEntry: () => entry,
      getAsFile: () => file((entry as { name: string }).name),
    })),
  }) as unknown as DataTransfer;

describe('files out of drops', () => {
  it('walks folders to the end, in the order of their names', async () => {
    const trip = folder('trip', [
      fileEntry('b10.jpg'),
      fileEntry('b9.jpg'),
      folder('a', [fileEntry('z.png'), brokenEntry('gone.png')]),
    ]);
    const files = await filesOf(transfer(fileEntry('first.jpg'), trip));
    expect(files.map(({ name }) => name)).toEqual(['first.jpg', 'z.png', 'b9.jpg', 'b10.jpg']);
  });

  it('leaves text on the clipboard alone', async () => {
    const text = { items: [{ kind: 'string' }] } as unknown as DataTransfer;
    expect(await filesOf(text)).toEqual([]);
  });
});

describe('sorting files', () => {
  it('keeps images, gives a type to those without one, and names the rest', () => {
    const { images, leftOut } = sorted([
      file('a.jpg', 'image/jpeg'),
      file('b.HEIC'),
      file('notes.txt', 'text/plain'),
      file('.DS_Store'),
      file('Thumbs.db'),
    ]);
    expect(images.map(({ name, type, lastModified }) => [name, type, lastModified])).toEqual([
      ['a.jpg', 'image/jpeg', 7],
      ['b.HEIC', 'image/heic', 7],
    ]);
    expect(leftOut).toEqual(['notes.txt']);
  });

  it('says what was left out without listing a whole folder', () => {
    expect(leftOutWords([])).toBe('');
    expect(leftOutWords(['a', 'b', 'c', 'd', 'e'])).toBe('Left out, not an image: a, b, c and 2 more');
  });
});
