import { type LinkProfile, profiles } from '../../../scripts/bench/link/profiles.ts';
import type { HttpRequest, HttpResponse, HttpTransport, UploadProgress } from '../src/contract.ts';
import { type SimOptions, simulate } from './support/sim.ts';

const MB = 1_000_000;
const calm: LinkProfile = { ...profiles.train, meanBytesBetweenResets: null, interruptions: [] };
const seedsOf = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Counts the bodies that are under way at the same time. */
const countBodies = () => {
  let bodies = 0;
  let most = 0;
  const through = async (request: HttpRequest, pass: HttpTransport): Promise<HttpResponse> => {
    if (!request.url.includes('/storage/')) return pass(request);
    bodies += 1;
    most = Math.max(most, bodies);
    return pass(request).finally(() => {
      bodies -= 1;
    });
  };
  return { through, most: () => most };
};

describe('an upload over a weak link', () => {
  const cases = (['good4g', '3g', '2g', 'train'] as const).flatMap((name) =>
    (name === 'train' ? [0.3, 1, 3, 8] : [0.3, 1, 3]).map((size) => ({ name, size })),
  );

  it.each(cases)('ends complete: $size MB on $name', async ({ name, size }) => {
    for (const round of seedsOf(4)) {
      const end = await simulate({ profile: profiles[name], seed: `weak/${name}/${size}/${round}`, size: size * MB });

      expect({ round, isEqual: end.isEqual, state: end.progress.state }).toEqual({
        ...{ round, isEqual: true, state: 'done' },
      });
    }
  });

  it('puts at most 5 % more bytes on the wire than files have, on a train', async () => {
    let [wire, files] = [0, 0];

    for (const round of seedsOf(24))
      for (const size of [3 * MB, 8 * MB]) {
        const end = await simulate({ profile: profiles.train, seed: `waste/${round}`, size });
        wire += end.bytesPerByte * size;
        files += size;
      }

    expect(wire / files).toBeLessThanOrEqual(1.05);
    expect(wire / files).toBeGreaterThan(1);
  });

  it.each(seedsOf(3))('does the same twice with the same seed: %i', async (seed) => {
    const once = async () => {
      const lines: string[] = [];
      const { milliseconds, bytesPerByte } = await simulate({
        ...{ profile: profiles.train, seed: `same/${seed}`, size: MB },
        onRequest: (line) => lines.push(line),
      });
      return { lines, milliseconds, bytesPerByte };
    };

    expect(await once()).toEqual(await once());
  });
});

describe('the way that an upload chooses', () => {
  it.each([0.05, 0.3, 1, 3, 8])('is one form for %f MB on a good link', async (size) => {
    for (const round of seedsOf(4)) {
      const { requests, isEqual } = await simulate({
        ...{ profile: profiles.good4g, seed: `form/${round}`, size: size * MB },
      });

      expect(isEqual).toBe(true);
      expect(requests).toEqual({ 'POST /uploads': 1, post: 1 });
    }
  });

  it.each(['train', '3g', '2g'] as const)('is never one form for 3 MB on a %s link', async (name) => {
    for (const round of seedsOf(6)) {
      const { requests } = await simulate({ profile: profiles[name], seed: `never/${round}`, size: 3 * MB });

      expect(requests['post'] ?? 0).toBe(0);
      expect(requests['put']).toBeGreaterThan(4);
    }
  });

  it.each<[string, SimOptions['network']]>([
    ['Save-Data', { saveData: () => true, effectiveType: () => '4g' }],
    ['2g', { effectiveType: () => '2g' }],
    ['slow-2g', { effectiveType: () => 'slow-2g' }],
  ])('is chunks, one at a time, when the browser says %s, even on a good link', async (_, network) => {
    const { through, most } = countBodies();

    const end = await simulate({ profile: profiles.good4g, seed: 'saving', size: MB, network: network ?? {}, through });

    expect(end.isEqual).toBe(true);
    expect(most()).toBe(1);
    expect(end.requests['post']).toBeUndefined();
    expect(end.requests['put']).toBeGreaterThan(4);
  });

  it('is several chunks at a time when nobody says anything', async () => {
    const { through, most } = countBodies();

    await simulate({ profile: calm, seed: 'several', size: MB, through });

    expect(most()).toBeGreaterThan(1);
    expect(most()).toBeLessThanOrEqual(6);
  });

  // Half would be nice: with a round trip of 600 ms, six chunks under way are less than the pipe holds until chunks have grown.
  it('fills four tenths of a long fat pipe at least', async () => {
    const profile: LinkProfile = { ...calm, up: 1.5 * MB, down: 1.5 * MB, roundTripMs: 600, jitterMs: 0 };

    const end = await simulate({ profile: { ...profile, sendBufferBytes: 2_097_152 }, seed: 'fat', size: 25 * MB });

    expect(end.isEqual).toBe(true);
    expect((25 * MB) / (end.milliseconds / 1000)).toBeGreaterThanOrEqual(0.4 * profile.up);
  });

  it.each<[string, LinkProfile, number]>([
    ['a calm 3G link', { ...profiles['3g'], interruptions: [] }, 3 * MB],
    ['a calm train', calm, 8 * MB],
    ['a good link', profiles.good4g, 25 * MB],
  ])('takes at most a quarter longer than the bytes alone on %s', async (_, profile, size) => {
    const end = await simulate({ profile, seed: 'fill', size });

    expect(end.milliseconds).toBeLessThan(1.25 * ((size / profile.up) * 1000) + 2_000);
  });
});

describe('what a listener hears', () => {
  const names = Object.keys(profiles) as (keyof typeof profiles)[];

  it.each(names)('makes sense from the first to the last word on a %s link', async (name) => {
    for (const round of seedsOf(4)) {
      const heard: UploadProgress[] = [];

      const end = await simulate({
        ...{ profile: profiles[name], seed: `heard/${round}`, size: 2 * MB },
        onStart: (_, upload) => void upload.subscribe((progress) => heard.push(progress)),
      });

      const confirmed = heard.map(({ confirmedBytes }) => confirmedBytes);
      expect(confirmed).toEqual(confirmed.toSorted((a, b) => a - b));
      expect(heard.filter(({ sentBytes, confirmedBytes }) => sentBytes < confirmedBytes)).toEqual([]);
      expect(heard.filter(({ sentBytes, totalBytes }) => sentBytes > totalBytes)).toEqual([]);
      expect(heard.filter(({ secondsLeft }) => secondsLeft !== null && !(secondsLeft >= 0))).toEqual([]);
      expect(heard.filter(({ bytesPerSecond }) => bytesPerSecond !== null && !(bytesPerSecond > 0))).toEqual([]);
      expect(heard.at(-1)).toMatchObject({ state: 'done', confirmedBytes: 2 * MB, secondsLeft: null });
      expect(end.result.wireBytes).toBeGreaterThanOrEqual(2 * MB);
    }
  });

  it('comes at most ten times a second, but for changes of state', async () => {
    const heard: { readonly at: number; readonly state: string }[] = [];

    await simulate({
      ...{ profile: profiles.train, seed: 'often', size: 2 * MB },
      onStart: ({ now }, upload) => void upload.subscribe(({ state }) => heard.push({ at: now(), state })),
    });

    const tooSoon = heard.filter(({ at, state }, index) => {
      const before = heard[index - 1];
      return before?.state === state && at - before.at < 99;
    });
    expect(heard.length).toBeGreaterThan(50);
    expect(tooSoon).toEqual([]);
  });
});
