import { head } from '../../test/support/fixtures.ts';
import { factsOf } from './facts.ts';

const withMetadata = (metadata: Record<string, string>) => factsOf({ ...head, metadata }, 'default');

describe('factsOf', () => {
  it('reads what the upload API left beside the bytes', () => {
    expect(factsOf(head, 'default')).toEqual({
      tenant: 'acme',
      owner: 'ada',
      filename: 'a.jpg',
      declaredType: 'image/jpeg',
      announcedSha256: 'a'.repeat(64),
      etag: 'e1',
      bytes: 3_000_000,
    });
  });

  it('gives an object without metadata to the default tenant', () => {
    const bare = { ...head, contentType: undefined, metadata: {} };
    expect(factsOf(bare, 'default')).toMatchObject({
      tenant: 'default',
      owner: null,
      filename: null,
      declaredType: null,
      announcedSha256: null,
    });
  });

  it('takes malformed metadata as not given', () => {
    const bad = withMetadata({ tenant: '../acme', owner: 'a b', sha256: 'A'.repeat(64), filename: '' });
    expect(bad).toMatchObject({ tenant: 'default', owner: null, announcedSha256: null, filename: null });
  });

  it.each([
    ['percent-encoded', 'a%20b%2B%C3%BC.jpg', 'a b+ü.jpg'],
    ['raw', 'a b.jpg', 'a b.jpg'],
    ['raw with a stray %', '100%.jpg', '100%.jpg'],
    ['too long', 'a'.repeat(300), 'a'.repeat(255)],
  ])('reads a file name that is %s', (_how, filename, read) => {
    expect(withMetadata({ filename }).filename).toBe(read);
  });

  it.each(['"e1"', 'W/"e1"', 'e1'])('takes the quotes off the entity tag %s', (etag) => {
    expect(factsOf({ ...head, etag }, 'default').etag).toBe('e1');
  });
});
