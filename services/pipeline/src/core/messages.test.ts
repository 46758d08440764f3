import { originalKey } from '@darkroom/types/keys';
import fc from 'fast-check';
import { BUCKET, IMAGE_ID, notification, nthId, poisons, s3Record, TEST_EVENT } from '../../test/support/fixtures.ts';
import { parseMessage } from './messages.ts';

const key = originalKey(IMAGE_ID);

describe('parseMessage', () => {
  it('reads a notification', () => {
    expect(parseMessage(notification(IMAGE_ID), BUCKET)).toEqual({
      requests: [
        {
          imageId: IMAGE_ID,
          bucket: BUCKET,
          key,
          sequencer: '0055AED6DCD9',
          eventTime: '2026-11-23T20:39:58.000Z',
          redrive: false,
        },
      ],
      complaints: [],
    });
  });

  it('takes every kind of ObjectCreated, with and without the prefix', () => {
    for (const eventName of ['ObjectCreated:Put', 's3:ObjectCreated:CompleteMultipartUpload', 'ObjectCreated:Copy']) {
      const body = JSON.stringify({ Records: [s3Record(IMAGE_ID, { eventName })] });
      expect(parseMessage(body, BUCKET).requests).toHaveLength(1);
    }
  });

  it('reads every record of a notification, and complains of those it cannot read', () => {
    const records = [s3Record(nthId(1)), s3Record(nthId(2), { bucket: 'other' }), s3Record(nthId(3))];
    const { requests, complaints } = parseMessage(JSON.stringify({ Records: records }), BUCKET);
    expect(requests.map(({ imageId }) => imageId)).toEqual([nthId(1), nthId(3)]);
    expect(complaints).toEqual(['expected the bucket originals for s3.bucket.name but received "other"']);
  });

  it('has nothing to do for the test event', () => {
    expect(parseMessage(TEST_EVENT, BUCKET)).toEqual({ requests: [], complaints: [] });
  });

  it("reads the sweeper's redrive", () => {
    const body = JSON.stringify({ kind: 'redrive', imageId: IMAGE_ID, bucket: BUCKET, key });
    expect(parseMessage(body, BUCKET).requests).toEqual([
      { imageId: IMAGE_ID, bucket: BUCKET, key, sequencer: '', eventTime: undefined, redrive: true },
    ]);
  });

  it.each(Object.entries(poisons))('complains once of %s', (_what, body) => {
    const { requests, complaints } = parseMessage(body, BUCKET);
    expect(requests).toEqual([]);
    expect(complaints).toEqual([expect.stringMatching(/^expected .+ for .+ but received .+$/)]);
  });

  it('never throws, and always finds either work or a complaint in what is no test event', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"Records":[${json}]}`),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const { requests, complaints } = parseMessage(body, BUCKET);
        expect(requests.length + complaints.length).toBeGreaterThan(0);
      }),
    );
  });
});
