import { publicImageSchema } from '@darkroom/types/api';
import {
  CDN,
  described,
  failed,
  header,
  inReview,
  IMAGE_ID,
  processing,
  ready,
  rejected,
  tombstone,
  VERSION,
} from '../../test/support/fixtures.ts';
import { publicImage } from './public-image.ts';

describe('publicImage', () => {
  it('shows a ready image with its addresses on the edge', () => {
    const shown = publicImage(ready(), CDN);

    expect(publicImageSchema.parse(shown)).toEqual(shown);
    expect(shown).toMatchObject({
      url: `${CDN}/i/${IMAGE_ID}/${VERSION}`,
      format: 'jpeg',
      width: 3024,
      height: 4032,
      reason: null,
      variants: [{ url: `${CDN}/v/${IMAGE_ID}/${VERSION}/320-n.avif`, bytes: 9_120 }],
    });
  });

  it.each([
    ['processing', processing()],
    ['rejected', rejected()],
    ['failed', failed()],
  ])('shows a %s image without addresses, in the form of the contract', (_, record) => {
    const shown = publicImage(record, CDN);
    expect(publicImageSchema.parse(shown)).toEqual(shown);
    expect(shown).toMatchObject({ url: null, variants: [] });
  });

  it.each([
    [1, 4032, 3024],
    [4, 4032, 3024],
    [5, 3024, 4032],
    [8, 3024, 4032],
  ])('turns the size of a header with orientation %p upright', (orientation, width, height) => {
    const record = rejected({ header: { ...header, orientation } });
    expect(publicImage(record, CDN)).toMatchObject({ width, height });
  });

  it("tells the image's own fault and hides the text of ours", () => {
    expect(publicImage(rejected(), CDN).reason).toEqual({ code: 'TOO_LARGE', message: 'too many pixels' });
    expect(publicImage(failed(), CDN).reason?.code).toBe('INTERNAL');
    expect(JSON.stringify(publicImage(failed(), CDN))).not.toContain('arn:aws');
  });

  it('says nothing of an attempt that will be repeated', () => {
    const retried = processing({ reason: { code: 'INTERNAL', message: 'timed out' } });
    expect(publicImage(retried, CDN).reason).toBeNull();
  });

  it('shows what is known of the photograph, and null for what a record of an earlier version does not have', () => {
    expect(publicImage(ready({ metadata: described }), CDN)).toMatchObject({
      capture: described.capture,
      credit: described.credit,
      place: described.place,
      palette: described.palette,
      look: described.look,
      focus: described.focus,
      tags: described.tags,
    });
    const unknown = { capture: null, credit: null, place: null, palette: null, look: null, focus: null, tags: null };
    expect(publicImage(ready(), CDN)).toMatchObject(unknown);
    expect(publicImage(processing(), CDN)).toMatchObject(unknown);
  });

  it('keeps to itself what a moderation said, and how hard the picture is to code', () => {
    const moderation = { verdict: 'review', scores: { unsafe: 0.87654 }, model: 'm' } as const;
    const shown = publicImage(ready({ metadata: { ...described, difficulty: 1.2345 }, moderation }), CDN);
    expect(publicImageSchema.parse(shown)).toEqual(shown);
    expect(JSON.stringify(shown)).not.toMatch(/0\.87654|1\.2345/);
  });

  it('shows no tombstone', () => {
    expect(() => publicImage(tombstone(), CDN)).toThrow(RangeError);
  });

  it('shows an image that is held back without an address, and its scores to reviewers only', () => {
    const shown = publicImage(inReview(), CDN);
    expect(publicImageSchema.parse(shown)).toEqual(shown);
    expect(shown).toMatchObject({ status: 'REVIEW', url: null, variants: [], width: 3024 });
    expect(shown).not.toHaveProperty('moderation');

    const forReviewer = publicImage(inReview(), CDN, true);
    expect(publicImageSchema.parse(forReviewer).moderation).toEqual(inReview().moderation);
    expect(publicImage(ready(), CDN, true)).not.toHaveProperty('moderation');
  });
});
