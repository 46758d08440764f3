import { createHash } from 'node:crypto';
import { randomBytes, seeded } from '../../test/support/random.ts';
import { digest, sha256Stream } from './sha256.ts';

const reference = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const hashOf = (...slices: readonly Uint8Array[]): string => {
  const stream = sha256Stream();
  for (const slice of slices) stream.update(slice);
  return stream.hex();
};
const lengths = Array.from({ length: 201 }, (_, length) => length);

/** The same bytes in pieces of chance, empty ones among them. */
const sliced = (bytes: Uint8Array, seed: number, longest: number): Uint8Array[] => {
  const random = seeded(seed);
  const slices: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + Math.floor(random() * (longest + 1)));
    slices.push(bytes.subarray(at, end));
    at = end;
  }
  return slices;
};

describe('the pure SHA-256', () => {
  it('is that of the standard', () => {
    expect(hashOf()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hashOf(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each(lengths)('is right for %i bytes', (length) => {
    const bytes = randomBytes(length, length + 1);

    expect(hashOf(bytes)).toBe(reference(bytes));
  });

  it.each([55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129])('is right for %i bytes cut in two anywhere', (length) => {
    const bytes = randomBytes(length, length);
    const wanted = reference(bytes);

    for (let at = 0; at <= length; at++) expect(hashOf(bytes.subarray(0, at), bytes.subarray(at))).toBe(wanted);
  });

  it.each([
    [1, 100],
    [2, 1000],
    [3, 100_000],
  ])('is that of the whole for a megabyte in slices of chance (seed %i, up to %i bytes)', (seed, longest) => {
    const bytes = randomBytes(1_000_003, seed);

    expect(hashOf(...sliced(bytes, seed, longest))).toBe(reference(bytes));
  });

  it('does not mix two streams', () => {
    const [a, b] = [sha256Stream(), sha256Stream()];
    for (const word of ['one', 'two', 'three']) {
      a.update(Buffer.from(word));
      b.update(Buffer.from(word.toUpperCase()));
    }

    expect(a.hex()).toBe(reference(Buffer.from('onetwothree')));
    expect(b.hex()).toBe(reference(Buffer.from('ONETWOTHREE')));
  });

  it('leaves the bytes alone, and may be given them in a buffer that is used again', () => {
    const stream = sha256Stream();
    const buffer = new Uint8Array(10);
    for (let n = 0; n < 20; n++) {
      buffer.fill(n);
      stream.update(buffer);
      expect(buffer).toEqual(new Uint8Array(10).fill(n));
    }

    expect(stream.hex()).toBe(reference(Buffer.concat(lengths.slice(0, 20).map((n) => Buffer.alloc(10, n)))));
  });
});

describe('the digest', () => {
  const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  afterEach(() => {
    if (crypto !== undefined) Object.defineProperty(globalThis, 'crypto', crypto);
  });

  it.each<[string, unknown]>([
    ['WebCrypto', globalThis.crypto],
    ['a page without WebCrypto', undefined],
    ['a page whose WebCrypto has no subtle', {}],
  ])('is the same with %s', async (_, value) => {
    Object.defineProperty(globalThis, 'crypto', { value, configurable: true });
    for (const length of [0, 64, 100_000]) {
      const bytes = randomBytes(length, 9);

      expect(await digest(bytes)).toBe(reference(bytes));
    }
  });

  it('is that of the part alone when the bytes are part of a buffer', async () => {
    const part = randomBytes(1000, 4).subarray(100, 333);

    expect(await digest(part)).toBe(reference(part));
    expect(hashOf(part)).toBe(reference(part));
  });
});
