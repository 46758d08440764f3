import { variantVersion } from '@darkroom/runtime/version';
import { developedBy, header, metadataOf } from '../../test/support/developed.ts';
import { record } from '../../test/support/fixtures.ts';
import { isOutdated, planRedevelop } from './redevelop-plan.ts';

describe('planRedevelop', () => {
  it('renders an image of an earlier ladder again, under the same attempt and the new version', () => {
    const old = developedBy(1, { attempt: 2 });
    expect(planRedevelop(old, 2)).toMatchObject({
      task: { imageId: old.imageId, attempt: 2, key: old.key, announcedSha256: null },
      header,
      metadata: { ...metadataOf(1), version: variantVersion('a'.repeat(64), 2) },
      replaces: metadataOf(1).version,
    });
  });

  it.each([
    ['is up to date', developedBy(2)],
    ['is being developed', record()],
    ['was rejected', record({ status: 'REJECTED' })],
    ['is held back', developedBy(1, { status: 'REVIEW' })],
    ['was deleted', record({ status: 'DELETED' })],
    ['has no header', developedBy(1, { header: null })],
    ['is not there', undefined],
  ])('leaves an image alone that %s', (_what, found) => {
    expect(planRedevelop(found, 2)).toBeUndefined();
  });

  it('takes an image of a later ladder for outdated, too: a ladder may be taken back', () => {
    expect(isOutdated(developedBy(3), 2)).toBe(true);
  });
});
