import { zipOf } from './test/zip-of.ts';
import { readZip } from './zip.ts';

describe('readZip', () => {
  it('lists the files and reads them', () => {
    const [entry] = readZip(zipOf('src/handler.cjs', 'exports.handler = 1;'));

    expect(entry).toMatchObject({ name: 'src/handler.cjs', size: 20 });
    expect(entry?.read().toString()).toBe('exports.handler = 1;');
  });

  it('says what it expected when the bytes are no archive', () => {
    expect(() => readZip(Buffer.alloc(64))).toThrow('expected a zip archive but received 64 bytes');
  });
});
