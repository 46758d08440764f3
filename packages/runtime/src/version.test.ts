import { isFormerVersion, variantVersion } from './version.ts';

const SHA = 'ab'.repeat(32);

describe('the version', () => {
  it('is twelve hex digits that hang on the bytes and the ladder', () => {
    // printf '%s' "$SHA:1" | sha256sum
    expect(variantVersion(SHA, 1)).toMatch(/^[0-9a-f]{12}$/);
    expect(variantVersion(SHA, 1)).toBe(variantVersion(SHA, 1));
    expect(variantVersion(SHA, 2)).not.toBe(variantVersion(SHA, 1));
    expect(variantVersion('cd'.repeat(32), 1)).not.toBe(variantVersion(SHA, 1));
  });

  it('is a former one only of the same bytes under an earlier ladder', () => {
    expect(isFormerVersion(variantVersion(SHA, 1), SHA, 3)).toBe(true);
    expect(isFormerVersion(variantVersion(SHA, 2), SHA, 3)).toBe(true);
    expect(isFormerVersion(variantVersion(SHA, 3), SHA, 3)).toBe(false);
    expect(isFormerVersion(variantVersion(SHA, 4), SHA, 3)).toBe(false);
    expect(isFormerVersion(variantVersion('cd'.repeat(32), 1), SHA, 3)).toBe(false);
  });
});
