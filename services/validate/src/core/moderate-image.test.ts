import { moderationSchema } from '@darkroom/types/image';
import { developedKey } from '@darkroom/types/keys';
import { policyOf } from '@darkroom/types/policies';
import { header, strict, task } from '../../test/support/tasks.ts';
import type { Moderator } from '../ports.ts';
import { moderateImage, verdictOf } from './moderate-image.ts';

const policy = { ...policyOf('acme'), moderation: strict };

const portsFor = (opinion: Awaited<ReturnType<Moderator>>) => {
  const reads: unknown[] = [];
  const seen: Parameters<Moderator>[] = [];
  return {
    reads,
    seen,
    ports: {
      readOriginal: (object: unknown) => {
        reads.push(object);
        return Promise.resolve(Buffer.from('bytes'));
      },
      moderator: (...given: Parameters<Moderator>) => {
        seen.push(given);
        return Promise.resolve(opinion);
      },
      policyOf: () => policy,
    },
  };
};
const opinion = { scores: { porn: 0.90051, neutral: 0.1 }, concern: 0.90051, model: 'm@1' };

describe('verdictOf', () => {
  it.each([
    [0, 'allowed'],
    [0.799, 'allowed'],
    [0.8, 'review'],
    [0.979, 'review'],
    [0.98, 'refused'],
    [1, 'refused'],
  ] as const)('makes of %d by the thresholds: %s', (concern, verdict) => {
    expect(verdictOf(concern, strict)).toBe(verdict);
  });

  it('allows everything where the tenant does not enforce', () => {
    expect(verdictOf(1, { ...strict, enforce: false })).toBe('allowed');
  });
});

describe('moderateImage', () => {
  it('answers verdict, scores and model, as the contract has them', async () => {
    const { ports } = portsFor(opinion);

    const moderation = await moderateImage(ports, { task: task(), header: header() });

    expect(moderationSchema.parse(moderation)).toEqual({
      verdict: 'review',
      scores: { porn: 0.901, neutral: 0.1 },
      model: 'm@1',
    });
  });

  it('looks at the glance that travelled, and reads the original when it is asked for more, once', async () => {
    const { ports, reads, seen } = portsFor(opinion);
    const metadata = { glance: { jpeg: Buffer.from('glance').toString('base64') } };

    await moderateImage(ports, { task: task(), header: header({ format: 'png' }), metadata });

    const [[picture, policyGiven] = []] = seen;
    expect(policyGiven).toEqual(strict);
    expect(await picture?.small()).toEqual({
      bytes: Buffer.from('glance'),
      header: { format: 'jpeg', progressive: false },
    });
    expect(reads).toEqual([]);
    const original = { bytes: Buffer.from('bytes'), header: header({ format: 'png' }) };
    expect([await picture?.whole(), await picture?.whole()]).toEqual([original, original]);
    expect(reads).toEqual([expect.objectContaining({ bucket: 'originals', key: task().key })]);
  });

  it('looks at the original where no glance travelled', async () => {
    const { ports, reads, seen } = portsFor(opinion);

    await moderateImage(ports, { task: task(), header: header(), metadata: {} });

    expect(await seen[0]?.[0].small()).toEqual({ bytes: Buffer.from('bytes'), header: header() });
    expect(reads).toHaveLength(1);
  });

  it('takes for the original of a HEIC what was developed of it', async () => {
    const { ports, reads, seen } = portsFor(opinion);

    await moderateImage(ports, { task: task(), header: header({ format: 'heic' }) });

    expect((await seen[0]?.[0].whole())?.header.format).toBe('jpeg');
    expect(reads).toEqual([expect.objectContaining({ key: developedKey(task().imageId) })]);
  });

  it('keeps to the contract whatever a model answers', async () => {
    const { ports } = portsFor({
      scores: { [`c${'x'.repeat(80)}`]: 1.0000001, low: -0.1 },
      concern: 0,
      model: 'm'.repeat(90),
    });

    const moderation = await moderateImage(ports, { task: task(), header: header() });

    expect(moderationSchema.safeParse(moderation).success).toBe(true);
  });

  it('neither reads nor looks at what a person approved', async () => {
    const { ports, reads, seen } = portsFor(opinion);
    const moderation = { verdict: 'allowed', scores: { porn: 0.9 }, model: 'm@1' } as const;

    await expect(
      moderateImage(ports, { task: task({ approval: { moderation, attempt: 2 } }), header: header() }),
    ).resolves.toEqual(moderation);
    expect([reads, seen]).toEqual([[], []]);
  });
});
