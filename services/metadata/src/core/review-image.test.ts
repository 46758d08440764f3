import { TransientError } from '@darkroom/runtime/errors';
import type { DomainEvent } from '@darkroom/types/events';
import type { ImageRecord, Review } from '@darkroom/types/image';
import { reasonOf } from '@darkroom/types/rejection';
import { IMAGE_ID, inReview, NOW, processing, ready, rejected, tombstone } from '../../test/support/fixtures.ts';
import type { Decided } from '../ports.ts';
import { reviewImage, type ReviewPorts } from './review-image.ts';

const reviewer = { tenant: 'acme', owner: null };
const at = '2026-11-23T20:40:00.000Z';
const decided = (decision: Review['decision'], etag = 'e') => ({ decision, at, etag, attempt: 2 });
const approved = processing({ attempt: 2, leaseUntil: 0, review: decided('approve') });
const refused = rejected({ attempt: 2, reason: reasonOf('NOT_ALLOWED'), review: decided('reject') });

/** A catalogue that answers one record after the other, and what is written: `writes` answers the write. */
const catalogue = (reads: readonly (ImageRecord | undefined)[], write?: ImageRecord) => {
  const written: Decided[] = [];
  const events: DomainEvent[] = [];
  const left = [...reads];
  const ports: ReviewPorts = {
    getImage: () => Promise.resolve(left.length > 1 ? left.shift() : left[0]),
    writeReview: (one) => {
      written.push(one);
      return Promise.resolve(write);
    },
    emit: (event) => {
      events.push(event);
      return Promise.resolve();
    },
    now: () => NOW,
  };
  return { ports, written, events };
};

describe('reviewImage', () => {
  it('approves by one write and tells nobody: the image is on its way again', async () => {
    const { ports, written, events } = catalogue([inReview()], approved);

    await expect(reviewImage(ports, reviewer, { imageId: IMAGE_ID, decision: 'approve' })).resolves.toEqual(approved);

    expect(written).toEqual([{ record: inReview(), decision: 'approve', at }]);
    expect(events).toEqual([]);
  });

  it('rejects by one write and sends the event after it', async () => {
    const { ports, written, events } = catalogue([inReview()], refused);

    await expect(reviewImage(ports, reviewer, { imageId: IMAGE_ID, decision: 'reject' })).resolves.toEqual(refused);

    expect(written).toEqual([{ record: inReview(), decision: 'reject', at }]);
    expect(events).toMatchObject([{ type: 'image.rejected', detail: { attempt: 2, reason: { code: 'NOT_ALLOWED' } } }]);
  });

  it.each([
    ['approve', approved, []],
    ['approve', ready({ attempt: 3, review: decided('approve') }), []],
    ['reject', refused, ['image.rejected']],
  ] as const)(
    'answers a repeated %s as the first, writes nothing, and tells again',
    async (decision, record, types) => {
      const { ports, written, events } = catalogue([record]);

      await expect(reviewImage(ports, reviewer, { imageId: IMAGE_ID, decision })).resolves.toEqual(record);

      expect(written).toEqual([]);
      expect(events.map(({ type }) => type)).toEqual(types);
    },
  );

  it('answers the same when another call of the same decision was quicker', async () => {
    const { ports } = catalogue([inReview(), refused]);
    await expect(reviewImage(ports, reviewer, { imageId: IMAGE_ID, decision: 'reject' })).resolves.toEqual(refused);
  });

  it.each([
    ['an image that nobody held back', [ready()]],
    ['an image under way', [processing()]],
    ['an image that was decided otherwise', [refused]],
    ['an image that was decided otherwise just now', [inReview(), refused]],
    ['other bytes than those that were approved', [ready({ review: decided('approve', 'older') })]],
  ])('refuses %s with CONFLICT', async (_what, reads) => {
    const { ports, events } = catalogue(reads);
    await expect(reviewImage(ports, reviewer, { imageId: IMAGE_ID, decision: 'approve' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(events).toEqual([]);
  });

  it.each([
    ['a missing image', undefined],
    ['a deleted image', tombstone()],
    ["another tenant's image", inReview({ tenant: 'other' })],
    ["another owner's image, for a token of one owner", inReview({ owner: 'bob' })],
  ])('knows nothing of %s', async (_what, found) => {
    const { ports, written } = catalogue([found]);
    await expect(
      reviewImage(ports, { tenant: 'acme', owner: 'ada' }, { imageId: IMAGE_ID, decision: 'approve' }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(written).toEqual([]);
  });

  it('fails when the event was not taken, so that the client asks again', async () => {
    const { ports } = catalogue([inReview()], refused);
    const deaf = { ...ports, emit: () => Promise.reject(new TransientError('bus')) };
    await expect(reviewImage(deaf, reviewer, { imageId: IMAGE_ID, decision: 'reject' })).rejects.toBeInstanceOf(
      TransientError,
    );
  });
});
