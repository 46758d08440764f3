import fc from 'fast-check';
import { nthId } from '../../test/support/fixtures.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const ids = fc.integer({ min: 0, max: 999_999 }).map(nthId);
const names = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/);
const viewers = fc.record({ tenant: names, owner: fc.option(names, { nil: null }) });
const refusal = expect.objectContaining({ code: 'INVALID_REQUEST', status: 400 }) as Error;

describe('cursors', () => {
  it('bring back the id they were made of, for the same viewer', () => {
    fc.assert(
      fc.property(ids, viewers, (id, viewer) => {
        expect(decodeCursor(encodeCursor(id, viewer), viewer)).toBe(id);
      }),
    );
  });

  it('are refused for every other viewer', () => {
    fc.assert(
      fc.property(ids, viewers, viewers, (id, mine, other) => {
        fc.pre(mine.tenant !== other.tenant || mine.owner !== other.owner);
        expect(() => decodeCursor(encodeCursor(id, mine), other)).toThrow(refusal);
      }),
    );
  });

  it('are refused when a character of them changes', () => {
    const viewer = { tenant: 'acme', owner: null };
    fc.assert(
      fc.property(ids, fc.nat(), fc.constantFrom('A', 'z', '-', '.', '='), (id, at, character) => {
        const cursor = encodeCursor(id, viewer);
        const index = at % cursor.length;
        const changed = cursor.slice(0, index) + character + cursor.slice(index + 1);
        fc.pre(changed !== cursor);
        expect(() => decodeCursor(changed, viewer)).toThrow(refusal);
      }),
    );
  });

  it('are refused when they are anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => decodeCursor(text, { tenant: 'acme', owner: null })).toThrow(refusal);
      }),
    );
  });
});
