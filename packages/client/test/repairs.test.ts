import { profiles } from '../../../scripts/bench/link/profiles.ts';
import { type Cloud, startCloud } from './support/cloud.ts';
import { randomBytes } from './support/random.ts';
import { simulate } from './support/sim.ts';
import { holds, offsetsOf, reply, send, timesAsked, UNIT, vanish } from './support/upload.ts';

const calm3g = { ...profiles['3g'], interruptions: [] };
const isComplete = (url: string): boolean => url.endsWith('/complete');

describe('an upload that has to be repaired', () => {
  let cloud: Cloud;
  const bytes = randomBytes(10 * UNIT);
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  describe('when URLs have expired', () => {
    it('signs the refused chunks again and sends each once more', async () => {
      cloud.model.urlLife = -1;
      cloud.fault = ({ what }) => {
        if (what === 'chunks') cloud.model.urlLife = 900_000;
        return undefined;
      };

      const { imageId } = await send(cloud, bytes);

      expect(holds(cloud, imageId, bytes)).toBe(true);
      expect(timesAsked(cloud.asked, 'create')).toBe(1);
      expect(timesAsked(cloud.asked, 'put')).toBeLessThanOrEqual(14);
    });

    it('gives up with what storage answered when no signature is ever accepted', async () => {
      cloud.model.urlLife = -1;

      await expect(send(cloud, bytes)).rejects.toMatchObject({ code: 'BAD_ANSWER', status: 403 });
    });

    it('does not even try old URLs after a pause that outlived them', async () => {
      let refused = 0;

      const end = await simulate({
        ...{ profile: calm3g, seed: 'pause', size: 1_000_000 },
        options: { prefer: 'chunks' },
        through: async (request, pass) => {
          const response = await pass(request);
          if (response.status === 403) refused += 1;
          return response;
        },
        onStart: ({ after }, upload) => {
          after(5_000, upload.pause);
          after(5_000 + 3_600_000, upload.resume);
        },
      });

      expect(end.isEqual).toBe(true);
      expect(end.milliseconds).toBeGreaterThan(3_600_000);
      expect(refused).toBe(0);
    });

    it.each([
      ['live for a minute and a half only', 90_000, 0],
      ['end an hour ago by a clock that is wrong', 900_000, 3_600_000],
      ['seem to live for an hour by a clock that is wrong', 900_000, -3_600_000],
    ])('has none refused on a slow link when they %s', async (_, urlLife, skewMs) => {
      let refused = 0;

      const end = await simulate({
        ...{ profile: { ...profiles['2g'], interruptions: [] }, seed: 'short', size: 3_000_000, skewMs },
        options: { prefer: 'chunks' },
        onStart: ({ model }) => {
          model.urlLife = urlLife;
        },
        through: async (request, pass) => {
          const response = await pass(request);
          if (response.status === 403) refused += 1;
          return response;
        },
      });

      expect(end.isEqual).toBe(true);
      expect(refused).toBe(0);
    });
  });

  describe('when storage holds other bytes than were sent', () => {
    const [first, second] = [2 * UNIT, 7 * UNIT];
    type Chunks = Map<number, Buffer>;
    const swap = (chunks: Chunks): void => {
      const [one, other] = [chunks.get(first)!, chunks.get(second)!];
      chunks.set(first, other).set(second, one);
    };
    const damageOnce = (damage: (chunks: Chunks) => void): { readonly from: () => number } => {
      let from = 0;
      cloud.fault = ({ what, index }) => {
        if (what === 'complete' && from === 0) {
          from = index;
          for (const { chunks } of cloud.model.uploads.values()) damage(chunks);
        }
        return undefined;
      };
      return { from: () => from };
    };

    it.each<[string, (chunks: Chunks) => void, number[]]>([
      ['a chunk that got lost', (chunks) => void chunks.delete(first), [first]],
      ['a chunk of zeros', (chunks) => void chunks.set(first, Buffer.alloc(UNIT)), [first]],
      ['a chunk with the bytes of another', (chunks) => void chunks.set(second, chunks.get(first)!), [second]],
      ['two chunks that changed places', swap, [first, second]],
      ['the last chunk cut short', (chunks) => void chunks.set(9 * UNIT, Buffer.alloc(9)), [9 * UNIT]],
      ['nothing at all', (chunks) => chunks.clear(), Array.from({ length: 10 }, (_, index) => index * UNIT)],
    ])('sends again %s, and nothing else', async (_, damage, offsets) => {
      const { from } = damageOnce(damage);

      const { imageId } = await send(cloud, bytes);

      expect(holds(cloud, imageId, bytes)).toBe(true);
      expect(offsetsOf(cloud.asked.slice(from())).sort((a, b) => a - b)).toEqual(offsets);
      expect(timesAsked(cloud.asked, 'complete')).toBe(2);
    });

    it('gives up with CHECKSUM_MISMATCH when that never ends', async () => {
      cloud.fault = ({ what }) => {
        if (what === 'complete') for (const { chunks } of cloud.model.uploads.values()) swap(chunks);
        return undefined;
      };

      await expect(send(cloud, bytes)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    });
  });

  describe('when completing fails', () => {
    it('asks again when the answer is lost, and is content with the second yes', async () => {
      let completes = 0;
      cloud.fault = ({ what }) => {
        if (what !== 'complete') return undefined;
        completes += 1;
        return completes === 1 ? { lostAnswer: true } : undefined;
      };

      const { imageId } = await send(cloud, bytes);

      expect(holds(cloud, imageId, bytes)).toBe(true);
      expect(completes).toBe(2);
      expect(timesAsked(cloud.asked, 'put')).toBe(10);
    });

    it('learns from the status that the original is there when the answer never comes', async () => {
      let completes = 0;

      const end = await simulate({
        ...{ profile: calm3g, seed: 'mute', size: 400_000 },
        options: { prefer: 'chunks' },
        through: async (request, pass) => {
          const answer = pass(request);
          if (!isComplete(request.url)) return answer;
          completes += 1;
          await answer;
          return vanish(request);
        },
      });

      expect(end.isEqual).toBe(true);
      expect(completes).toBe(1);
      // 400 kB take 5 s, and the status is asked for 5 s later; completing would be given 35 s.
      expect(end.milliseconds).toBeLessThan(20_000);
    });

    it.each([1, 7, 60])('does not complete again before the %i s are over that a server asked for', async (seconds) => {
      const asked: number[] = [];

      const end = await simulate({
        ...{ profile: calm3g, seed: 'busy', size: 400_000 },
        options: { prefer: 'chunks' },
        through: (request, pass, { now }) => {
          if (!isComplete(request.url)) return pass(request);
          asked.push(now());
          return asked.length === 1 ? Promise.resolve(reply(503, { 'retry-after': String(seconds) })) : pass(request);
        },
      });

      expect(end.isEqual).toBe(true);
      expect(asked).toHaveLength(2);
      expect(asked[1]! - asked[0]!).toBeGreaterThan(seconds * 1000 - 1);
    });

    it('starts no chunk before the 20 s are over that storage asked for', async () => {
      const begun: number[] = [];
      let refusedAt = 0;

      const end = await simulate({
        ...{ profile: calm3g, seed: 'slow down', size: 700_000 },
        options: { prefer: 'chunks' },
        through: (request, pass, { now }) => {
          if (request.method !== 'PUT') return pass(request);
          begun.push(now());
          if (begun.length !== 4) return pass(request);
          refusedAt = now();
          return Promise.resolve(reply(503, { 'retry-after': '20' }));
        },
      });

      expect(end.isEqual).toBe(true);
      expect(begun.filter((at) => at > refusedAt && at < refusedAt + 20_000)).toEqual([]);
    });
  });

  describe('when the API does not want the file', () => {
    const size = 3_000_000;
    const refuse = (model: Cloud['model']): void => {
      model.verdict = () => 'UNSUPPORTED_FORMAT';
    };

    it('rejects with the reason after the first chunks, not after the whole file', async () => {
      refuse(cloud.model);

      const done = send(cloud, randomBytes(size));

      await expect(done).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT', status: 409 });
      expect(cloud.bodyBytes()).toBeLessThan(size / 2);
      expect(timesAsked(cloud.asked, 'complete')).toBe(0);
    });

    it.each(['train', '3g', '2g'] as const)('has sent less than a quarter of it by then on a %s link', async (name) => {
      let bodies = 0;

      const done = simulate({
        ...{ profile: profiles[name], seed: 'verdict', size },
        options: { prefer: 'chunks' },
        onStart: ({ model }) => refuse(model),
        through: (request, pass) => {
          if (request.method === 'PUT') bodies += (request.body as Uint8Array).length;
          return pass(request);
        },
      });

      await expect(done).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT', status: 409 });
      expect(bodies).toBeLessThan(size / 4);
    });
  });
});
