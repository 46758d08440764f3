import { profiles } from '../../../scripts/bench/link/profiles.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from '../src/contract.ts';
import { NetworkError } from '../src/core/errors.ts';
import { createNodeTransport } from '../src/node/index.ts';
import { type Asked, type Cloud, type Fault, startCloud } from './support/cloud.ts';
import { randomBytes, seeded } from './support/random.ts';
import { simulate } from './support/sim.ts';
import { holds, offsetsOf, reply, send, timesAsked, UNIT, vanish, witness } from './support/upload.ts';

const BOUNDARIES = Array.from({ length: 10 }, (_, index) => index * UNIT);

/** The first PUT that starts there fails in this way, and nothing else does. */
const faultOnce = (offset: number, fault: Fault): ((asked: Asked) => Fault | undefined) => {
  let done = false;
  return (asked) => {
    if (done || asked.offset !== offset) return undefined;
    done = true;
    return fault;
  };
};

describe('an upload whose connection is reset once', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud();
  });
  afterAll(() => cloud.close());

  const uploadWith = async (bytes: Uint8Array<ArrayBuffer>, offset: number, fault: Fault) => {
    const before = { bodies: cloud.bodyBytes(), asked: cloud.asked.length };
    cloud.fault = faultOnce(offset, fault);
    const result = await send(cloud, bytes);
    const isEqual = holds(cloud, result.imageId, bytes);
    const asked = cloud.asked.slice(before.asked);
    cloud.model.uploads.clear();
    return { isEqual, result, asked, beyond: cloud.bodyBytes() - before.bodies - bytes.length };
  };

  it.each([
    ['before the body of a chunk', { resetAfter: 0 }, { beyond: 0, puts: 11 }],
    ['after the last byte of a chunk', { resetAfter: UNIT }, { beyond: UNIT, puts: 11 }],
    ['between storing a chunk and the answer', { lostAnswer: true }, { beyond: 0, puts: 10 }],
  ] as const)('ends complete when that comes %s, at each of ten boundaries', async (_, fault, cost) => {
    const bytes = randomBytes(10 * UNIT);

    for (const offset of BOUNDARIES) {
      const { isEqual, result, asked, beyond } = await uploadWith(bytes, offset, fault);

      const puts = timesAsked(asked, 'put');
      expect({ offset, isEqual, beyond, puts }).toEqual({ offset, isEqual: true, ...cost });
      expect(result.wireBytes).toBeLessThanOrEqual(bytes.length + UNIT);
      expect(new Set(offsetsOf(asked))).toEqual(new Set(BOUNDARIES));
    }
  });

  it('ends complete when that comes at any of a hundred random bytes of the file, and repeats one chunk at most', async () => {
    const bytes = randomBytes(300_000);
    const random = seeded(42);

    for (let round = 0; round < 100; round++) {
      const position = Math.floor(random() * bytes.length);
      const offset = Math.floor(position / UNIT) * UNIT;
      const { isEqual, result, asked, beyond } = await uploadWith(bytes, offset, { resetAfter: position - offset });

      expect({ position, isEqual, puts: timesAsked(asked, 'put') }).toEqual({ position, isEqual: true, puts: 6 });
      expect(beyond).toBeLessThanOrEqual(UNIT);
      expect(result.wireBytes).toBeLessThanOrEqual(bytes.length + UNIT);
    }
  });
});

describe('an upload of which three requests in ten fail', () => {
  const KINDS: readonly ((asked: Asked, random: () => number) => Fault)[] = [
    () => ({ status: 503 }),
    () => ({ resetAfter: 0 }),
    ({ length }, random) => ({ resetAfter: Math.floor(random() * length) }),
    () => ({ lostAnswer: true }),
  ];
  const uploadThrough = async (seed: number) => {
    const cloud = await startCloud();
    const random = seeded(seed);
    cloud.fault = (asked) => (random() < 0.3 ? KINDS[Math.floor(random() * KINDS.length)]?.(asked, random) : undefined);
    const bytes = randomBytes(16 * UNIT - 1000, seed);
    const { transport, again } = witness(createNodeTransport());
    try {
      const { imageId } = await send(cloud, bytes, { transport });
      return { seed, isEqual: holds(cloud, imageId, bytes), again };
    } finally {
      await cloud.close();
    }
  };

  it('ends complete every time and sends nothing again that was answered, over real connections', async () => {
    const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

    // Most of the time is waiting between tries: all at once they take as long as one.
    const ends = await Promise.all(seeds.map(uploadThrough));

    expect(ends).toEqual(seeds.map((seed) => ({ seed, isEqual: true, again: [] })));
  });

  /** As above, and one failure in five is a request that nobody ever answers. */
  const failing =
    (random: () => number) =>
    (request: HttpRequest, pass: HttpTransport): Promise<HttpResponse> => {
      if (random() >= 0.3) return pass(request);
      const ways = [
        () => Promise.resolve(reply(503)),
        () => Promise.reject(new NetworkError('reset before')),
        () => pass(request).then(() => Promise.reject(new NetworkError('answer lost'))),
        () => pass(request).then(() => reply(500)),
        () => vanish(request),
      ];
      return (ways[Math.floor(random() * ways.length)] ?? vanish)(request);
    };

  it.each(Array.from({ length: 30 }, (_, index) => index))('ends complete on a bad link too, seed %i', async (seed) => {
    const inner = failing(seeded(seed));
    let again: readonly string[] = [];
    let seen: ReturnType<typeof witness> | undefined;

    const end = await simulate({
      ...{ profile: profiles.train, seed: `failing/${seed}`, size: 700_000 },
      options: { prefer: 'chunks' },
      through: (request, pass) => {
        seen ??= witness((given) => inner(given, pass));
        again = seen.again;
        return seen.transport(request);
      },
    });

    expect(end.isEqual).toBe(true);
    expect(again).toEqual([]);
  });
});
