import {
  parseCompleteBody,
  parseKey,
  parseMultipartBody,
  parseParamsQuery,
  parsePartNumber,
  parsePartNumbers,
  sentences,
  UNKNOWN_TYPE,
} from './requests.ts';

const query = (text: string) => parseParamsQuery(new URLSearchParams(text));

describe('parseParamsQuery', () => {
  it('reads name, type and metadata, and nothing else', () => {
    const file = query('filename=a%20b.jpg&type=image%2Fjpg&metadata[name]=x&metadata[a][b]=y&other=z&metadata[é]=ü');
    expect(file).toEqual({
      filename: 'a b.jpg',
      contentType: 'image/jpeg',
      metadata: [
        ['name', 'x'],
        ['é', 'ü'],
      ],
    });
  });

  it.each(['', 'type=', 'type=undefined', 'type=null', 'type=application%2Foctet-stream'])(
    'takes a file of which the browser knows no type: %p',
    (type) => {
      expect(query(`filename=a&${type}`).contentType).toBe(UNKNOWN_TYPE);
    },
  );

  it.each(['', 'filename=', 'name=a.jpg'])('refuses %p as Companion does', (text) => {
    expect(() => query(text)).toThrow(sentences.filenameInQuery);
  });

  it.each(['text/html', 'image/tiff', 'image/svg+xml'])('refuses %p before anything is sent', (type) => {
    expect(() => query(`filename=a&type=${encodeURIComponent(type)}`)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_FORMAT', status: 415 }),
    );
  });

  it('keeps the end of a long name, whole characters only', () => {
    const { filename } = query(`filename=${encodeURIComponent(`${'😀'.repeat(300)}.jpg`)}`);
    expect(Array.from(filename)).toHaveLength(255);
    expect(filename).toBe(`${'😀'.repeat(251)}.jpg`);
  });
});

describe('parseMultipartBody', () => {
  it('reads name, type and metadata of any kind', () => {
    const metadata = { a: null, b: 5, c: 'x' };
    expect(parseMultipartBody({ filename: 'a.png', type: 'image/png', metadata, extra: 1 })).toEqual({
      filename: 'a.png',
      contentType: 'image/png',
      metadata: Object.entries(metadata),
    });
  });

  it.each([undefined, null, 'text', [], 7, { a: 1 }])('does without metadata where it is %p', (metadata) => {
    const file = parseMultipartBody({ filename: 'a', type: '', metadata });
    expect(file).toMatchObject({
      contentType: UNKNOWN_TYPE,
      metadata: metadata instanceof Object ? expect.any(Array) : [],
    });
  });

  it.each([null, 'text', [], {}, { filename: '' }, { filename: 5 }])('refuses %p as Companion does', (body) => {
    expect(() => parseMultipartBody(body)).toThrow(sentences.filenameInBody);
  });

  it.each([undefined, null, 5, {}])('refuses the type %p as Companion does', (type) => {
    expect(() => parseMultipartBody({ filename: 'a', type })).toThrow(sentences.type);
  });
});

describe('keys and part numbers', () => {
  it.each([undefined, ''])('refuses the key %p', (key) => {
    expect(() => parseKey(key)).toThrow(sentences.key);
  });

  it('takes 1 to 10,000', () => {
    expect([parsePartNumber('1'), parsePartNumber('10000')]).toEqual([1, 10_000]);
    expect(parsePartNumbers('1,2, 10000,2')).toEqual([1, 2, 10_000]);
  });

  it.each(['0', '10001', '-1', '1.5', '7abc', 'batch', '', ' ', '1e3', '000001'])('refuses %p', (text) => {
    expect(() => parsePartNumber(text)).toThrow(sentences.partNumber);
    expect(() => parsePartNumbers(`1,${text}`)).toThrow(sentences.partNumbersRange);
  });

  it.each([undefined, ''])('asks for part numbers where they are %p', (text) => {
    expect(() => parsePartNumbers(text)).toThrow(sentences.partNumbers);
  });
});

describe('parseCompleteBody', () => {
  it('sorts, unquotes and counts the same part once', () => {
    const parts = [
      { PartNumber: 2, ETag: '"b"' },
      { PartNumber: 1, ETag: 'a', Size: 5 },
      { PartNumber: 2, ETag: 'b' },
    ];
    expect(parseCompleteBody({ parts })).toEqual([
      { partNumber: 1, etag: 'a' },
      { partNumber: 2, etag: 'b' },
    ]);
  });

  it.each([
    null,
    {},
    { parts: [] },
    { parts: {} },
    { parts: [null] },
    { parts: [{ PartNumber: '1', ETag: 'a' }] },
    { parts: [{ PartNumber: 1 }] },
    { parts: [{ PartNumber: 1, ETag: '' }] },
  ])('refuses %j as Companion does', (body) => {
    expect(() => parseCompleteBody(body)).toThrow(sentences.parts);
  });

  it.each([0, 10_001, 1.5, -1, Number.NaN])('refuses part number %p', (PartNumber) => {
    expect(() => parseCompleteBody({ parts: [{ PartNumber, ETag: 'a' }] })).toThrow(sentences.partNumber);
  });

  it('refuses two ETags for one part', () => {
    const parts = ['a', 'b'].map((ETag) => ({ PartNumber: 1, ETag }));
    expect(() => parseCompleteBody({ parts })).toThrow('expected one ETag for part 1 but received two');
  });
});
