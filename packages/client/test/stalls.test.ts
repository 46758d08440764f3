import { profiles } from '../../../scripts/bench/link/profiles.ts';
import type { HttpRequest, HttpResponse, HttpTransport, NetworkHints, UploadState } from '../src/contract.ts';
import { NetworkError } from '../src/core/errors.ts';
import { startCloud } from './support/cloud.ts';
import { randomBytes } from './support/random.ts';
import { type SimOptions, type SimWorld, simulate } from './support/sim.ts';
import { holds, offsetsOf, reply, send, UNIT, vanish } from './support/upload.ts';

const calm = { ...profiles.train, meanBytesBetweenResets: null, interruptions: [] };
const offsetOf = ({ url }: HttpRequest): number => Number(new URL(url).pathname.split('/')[3]);

describe('a chunk that vanishes in a black hole', () => {
  it('is found dead and sent again while others go on', async () => {
    let lost: { readonly offset: number; readonly at: number; diedAt: number } | undefined;
    const answeredAt: number[] = [];
    const again: number[] = [];
    let puts = 0;
    const through = async (request: HttpRequest, pass: HttpTransport, { now }: SimWorld): Promise<HttpResponse> => {
      if (request.method !== 'PUT') return pass(request);
      puts += 1;
      if (offsetOf(request) === lost?.offset) again.push(now());
      if (puts === 6) {
        lost = { offset: offsetOf(request), at: now(), diedAt: Number.NaN };
        const hole = lost;
        return vanish(request).finally(() => {
          hole.diedAt = now();
        });
      }
      const response = await pass(request);
      answeredAt.push(now());
      return response;
    };

    const end = await simulate({
      ...{ profile: calm, seed: 'hole', size: 3_000_000, through },
      options: { prefer: 'chunks' },
    });

    expect(end.isEqual).toBe(true);
    const { at, diedAt } = lost!;
    expect(again).toHaveLength(1);
    expect(answeredAt.filter((one) => one > at && one < diedAt).length).toBeGreaterThan(2);
    // Two silences of at least a second, and not the 60 s after which nobody would need a probe.
    expect(diedAt - at).toBeLessThan(10_000);
  });

  it('is asked about by a probe over a new connection when it was the only one', async () => {
    const probes: number[] = [];
    let hole: { readonly at: number; diedAt: number } | undefined;
    let puts = 0;

    const end = await simulate({
      ...{ profile: calm, seed: 'only', size: 300_000 },
      options: { prefer: 'chunks' },
      network: { saveData: () => true },
      through: (request, pass, { now }) => {
        if (request.fresh === true) probes.push(now());
        if (request.method === 'PUT') puts += 1;
        if (request.method !== 'PUT' || puts !== 3 || hole !== undefined) return pass(request);
        const mine = { at: now(), diedAt: Number.NaN };
        hole = mine;
        return vanish(request).finally(() => {
          mine.diedAt = now();
        });
      },
    });

    expect(end.isEqual).toBe(true);
    const { at, diedAt } = hole!;
    expect(probes.filter((one) => one > at && one <= diedAt)).not.toEqual([]);
    expect(diedAt - at).toBeLessThan(10_000);
  });

  it('is sent again over real connections', async () => {
    const cloud = await startCloud();
    const bytes = randomBytes(10 * UNIT);
    let isLost = false;
    cloud.fault = ({ offset }) => {
      if (offset !== 4 * UNIT || isLost) return undefined;
      isLost = true;
      return { blackHole: true };
    };

    const { imageId } = await send(cloud, bytes);

    expect(holds(cloud, imageId, bytes)).toBe(true);
    expect(offsetsOf(cloud.asked).filter((offset) => offset === 4 * UNIT)).toHaveLength(2);
    await cloud.close();
  });
});

describe('patience', () => {
  const PATIENCE_S = 60;
  /** From some time on everything, or all of a kind, ends in this way; resolves to when the upload was given up. */
  const givenUp = async (
    from: number,
    kind: 'all' | 'bodies',
    fail: (request: HttpRequest) => Promise<HttpResponse>,
  ): Promise<{ readonly error: unknown; readonly at: number }> => {
    let at = Number.NaN;
    const sim: SimOptions = {
      ...{ profile: calm, seed: 'patience', size: 3_000_000, longestMs: 1_000_000 },
      options: { prefer: 'chunks', patienceSeconds: PATIENCE_S },
      through: (request, pass, { now }) => {
        const isMeant = kind === 'all' || request.method === 'PUT';
        return isMeant && now() >= from ? fail(request) : pass(request);
      },
      onStart: ({ now }, upload) => {
        upload.subscribe(({ state }) => {
          if (state === 'failed') at = now();
        });
      },
    };
    const error: unknown = await simulate(sim).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, at };
  };

  type Case = [string, string, number, 'all' | 'bodies', (request: HttpRequest) => Promise<HttpResponse>];
  const refuse = (): Promise<HttpResponse> => Promise.reject(new NetworkError('refused'));
  const busy = (): Promise<HttpResponse> => Promise.resolve(reply(503));
  const expectEnd = async ([, code, from, kind, fail]: Case): Promise<void> => {
    const { error, at } = await givenUp(from, kind, fail);

    expect(error).toMatchObject({ code });
    expect(at).toBeGreaterThanOrEqual(from + PATIENCE_S * 1000 - 1_000);
    // One more wait for an answer at most.
    expect(at).toBeLessThanOrEqual(from + PATIENCE_S * 1000 + 70_000);
  };

  it.each<Case>([
    ['a server that never answers', 'UNREACHABLE', 0, 'all', vanish],
    ['an API that is busy from the begin', 'STALLED', 0, 'all', busy],
    ['a server that refuses every connection from the begin', 'UNREACHABLE', 0, 'all', refuse],
  ])('ends with %s: %s', async (...given) => {
    await expectEnd(given);
  });

  // Known faults of the client; each of these starts to fail when it is mended, and belongs into the list above then.
  it.each<Case>([
    ['a server that stops answering in the middle', 'UNREACHABLE', 5_000, 'all', vanish],
    ['a link that refuses every connection in the middle', 'UNREACHABLE', 5_000, 'all', refuse],
    ['storage that refuses every connection although the API answers', 'UNREACHABLE', 5_000, 'bodies', refuse],
    ['storage that stays busy although the API answers', 'STALLED', 5_000, 'bodies', busy],
    ['storage that swallows all bodies although the API answers', 'STALLED', 5_000, 'bodies', vanish],
  ])('ends with %s: %s', async (...given) => {
    await expectEnd(given);
  });

  const withoutLinkFor = (milliseconds: number, fail: (request: HttpRequest) => Promise<HttpResponse>) =>
    simulate({
      ...{ profile: calm, seed: 'gone', size: 1_000_000 },
      through: (request, pass, { now }) =>
        now() > 2_000 && now() < 2_000 + milliseconds ? fail(request) : pass(request),
    });

  it('without a limit outlasts an hour without an answer', async () => {
    const end = await withoutLinkFor(3_600_000, vanish);

    expect(end.isEqual).toBe(true);
    expect(end.milliseconds).toBeGreaterThan(3_602_000);
  });

  it('without a limit outlasts an hour of refused connections, with pauses between tries', async () => {
    const end = await withoutLinkFor(3_600_000, refuse);

    expect(end.isEqual).toBe(true);
  });
});

describe('a browser that knows that it is offline', () => {
  /** Off between the two times, with the events that browsers fire. */
  const flight = (from: number, to: number, patienceSeconds?: number) => {
    const states: { readonly at: number; readonly state: UploadState }[] = [];
    const begun: number[] = [];
    const listeners = new Set<() => void>();
    let isOnline = true;
    const network: Partial<NetworkHints> = {
      online: () => isOnline,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const turn = (next: boolean) => (): void => {
      isOnline = next;
      for (const listener of [...listeners]) listener();
    };
    const end = simulate({
      ...{ profile: calm, seed: 'flight', size: 3_000_000, network },
      options: { prefer: 'chunks', ...(patienceSeconds !== undefined && { patienceSeconds }) },
      through: (request, pass, { now }) => {
        begun.push(now());
        if (!isOnline) return Promise.reject(new NetworkError('offline'));
        const cut = new Promise<never>((_, reject) => {
          listeners.add(() => reject(new NetworkError('offline')));
        });
        return Promise.race([pass(request), cut]);
      },
      onStart: ({ now, after }, upload) => {
        after(from, turn(false));
        after(to, turn(true));
        upload.subscribe(({ state }) => states.push({ at: now(), state }));
      },
    });
    return { end, states, begun };
  };

  it('says so, tries seldom, and goes on at the online event', async () => {
    const { end, states, begun } = flight(4_000, 130_000);

    expect((await end).isEqual).toBe(true);
    const seen = states.filter(({ at }) => at > 6_000 && at < 130_000).map(({ state }) => state);
    expect(new Set(seen)).toEqual(new Set(['offline']));
    expect(begun.filter((at) => at > 6_000 && at < 130_000).length).toBeLessThan(10);
    expect(begun.find((at) => at >= 130_000)).toBeLessThan(130_500);
    expect(states.find(({ at, state }) => at >= 130_000 && state === 'uploading')?.at).toBeLessThan(130_500);
  });

  it('does not count that time against patience', async () => {
    const { end } = flight(4_000, 600_000, 60);

    expect((await end).isEqual).toBe(true);
  });
});
