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
    const { ports, reads, seen } = portsFor(opinion);

    const moderation = await moderateImage(ports, { task: task(), header: header() });

    expect(moderationSchema.parse(moderation)).toEqual({
      verdict: 'review',
      scores: { porn: 0.901, neutral: 0.1 },
      model: 'm@1',
    });
    expect(reads).toEqual([expect.objectContaining({ bucket: 'originals', key: task().key })]);
    expect(seen).toEqual([[{ bytes: Buffer.from('bytes'), header: header() }, strict]]);
  });

  it('looks at what was developed of a HEIC original', async () => {
    const { ports, reads, seen } = portsFor(opinion);

    await moderateImage(ports, { task: task(), header: header({ format: 'heic' }) });

    expect(reads).toEqual([expect.objectContaining({ key: developedKey(task().imageId) })]);
    expect(seen[0]?.[0].header.format).toBe('jpeg');
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
