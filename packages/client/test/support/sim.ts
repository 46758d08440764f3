import { createHash } from 'node:crypto';
import { createLink } from '../../../../scripts/bench/link/link.ts';
import type { LinkProfile } from '../../../../scripts/bench/link/profiles.ts';
import { createManualTimeline } from '../../../../scripts/bench/link/timeline.ts';
import type {
  HttpRequest,
  HttpResponse,
  HttpTransport,
  NetworkHints,
  Upload,
  UploaderOptions,
  UploadProgress,
  UploadResult,
} from '../../src/contract.ts';
import type { Ports } from '../../src/core/ports.ts';
import { createUploaderWith } from '../../src/core/uploader.ts';
import { nodeHashes, unknownNetwork } from '../../src/node/platform.ts';
import { type CloudModel, createCloudModel } from './cloud-model.ts';
import { randomBytes, seeded } from './random.ts';
import { createSimTransport } from './sim-transport.ts';

/**
 * The client on the benchmark's seeded link, in simulated time: a transfer of minutes takes a blink, and the same seed gives the same
 * transfer. Connections, windows, send buffers and cuts are the link's; headers are counted by their usual length and not written.
 */
export interface SimOptions {
  readonly profile: LinkProfile;
  readonly seed: string;
  readonly size: number;
  readonly options?: Partial<UploaderOptions>;
  readonly network?: Partial<NetworkHints>;
  /** Milliseconds that each answer takes the server. */
  readonly serverMs?: number;
  readonly onRequest?: (line: string) => void;
  /** Simulated milliseconds after which it is an error that the upload has not settled; default ten hours. */
  readonly longestMs?: number;
  /** How far the client's clock is ahead of the server's, in milliseconds. */
  readonly skewMs?: number;
  /** Stands between client and link: passes a request on, answers it itself, or lets it vanish. */
  readonly through?: (request: HttpRequest, send: HttpTransport, world: SimWorld) => Promise<HttpResponse>;
  /** Called once, when the upload has been added. */
  readonly onStart?: (world: SimWorld, upload: Upload) => void;
}
/** What a test may look at and plan for while the upload runs. */
export interface SimWorld {
  readonly model: CloudModel;
  /** Simulated milliseconds since the begin. */
  readonly now: () => number;
  readonly after: (milliseconds: number, run: () => void) => void;
}
export interface SimResult {
  readonly result: UploadResult;
  readonly progress: UploadProgress;
  readonly isEqual: boolean;
  /** Simulated. */
  readonly milliseconds: number;
  /** All bytes that entered the link from the client ÷ the file's. */
  readonly bytesPerByte: number;
  readonly requests: Readonly<Record<string, number>>;
  readonly resets: number;
  readonly silenced: number;
  readonly model: CloudModel;
}

/** An upload that has not settled after so long never does, in simulated milliseconds. */
const LONGEST_MS = 36_000_000;
/** So many requests without any time between them are a loop. */
const MOST_AT_ONCE = 100;

const portsOf = (sim: SimOptions, { now, after, transport }: Pick<Ports, 'now' | 'after' | 'transport'>): Ports => ({
  ...{ transport, now, after },
  network: { ...unknownNetwork, ...sim.network },
  random: seeded(Number.parseInt(createHash('sha256').update(sim.seed).digest('hex').slice(0, 8), 16)),
  ...nodeHashes,
});

const told = ({ progress }: Upload): string => JSON.stringify(progress);

/** A client that asks without any pause would never let time go on: it is left without an answer, and `isStuck`. */
const restrained = (inner: HttpTransport, now: () => number) => {
  let at = Number.NaN;
  let asked = 0;
  return {
    isStuck: () => asked > MOST_AT_ONCE,
    transport: (request: HttpRequest): Promise<HttpResponse> => {
      asked = now() === at ? asked + 1 : 1;
      at = now();
      return asked > MOST_AT_ONCE ? new Promise(() => undefined) : inner(request);
    },
  };
};

interface RunOptions {
  readonly isBusy: () => boolean;
  readonly isStuck: () => boolean;
  readonly longestMs: number;
}

/** Lets simulated time run until the upload has settled. */
const runToEnd = async (
  upload: Upload,
  timeline: ReturnType<typeof createManualTimeline>,
  { isBusy, isStuck, longestMs }: RunOptions,
): Promise<void> => {
  const end = { isThere: false };
  const settle = (): void => {
    end.isThere = true;
  };
  upload.done.then(settle, settle);
  for (;;) {
    // Promises of the client run to their end before time goes on.
    await new Promise(setImmediate);
    if (end.isThere) return;
    if (isStuck()) throw new Error(`expected a pause between requests but there is none: ${told(upload)}`);
    if (isBusy()) continue;
    const due = timeline.next();
    if (due === undefined) throw new Error(`expected something to happen but nothing is planned: ${told(upload)}`);
    if (due > longestMs) throw new Error(`expected an end within ${longestMs} ms: ${told(upload)}`);
    timeline.runUntil(due);
  }
};

/** Sends one file of random bytes over the link, and tells how that went. Throws what the upload failed with. */
export const simulate = async (sim: SimOptions): Promise<SimResult> => {
  const timeline = createManualTimeline();
  const link = createLink(sim.profile, sim.seed, timeline);
  const model = createCloudModel({ storage: () => 'https://storage.example', now: () => timeline.now() });
  const counts: Record<string, number> = {};
  const { transport, isBusy } = createSimTransport({
    ...{ link, timeline, model, counts },
    sendBufferBytes: sim.profile.sendBufferBytes,
    serverMs: sim.serverMs ?? 10,
    onRequest: sim.onRequest ?? (() => undefined),
  });
  const after: Ports['after'] = (milliseconds, run) => timeline.at(timeline.now() + milliseconds, run);
  const world: SimWorld = { model, now: () => timeline.now(), after };
  const { through } = sim;
  const asking = restrained(
    through === undefined ? transport : (request) => through(request, transport, world),
    world.now,
  );
  const ports = portsOf(sim, {
    transport: asking.transport,
    now: () => timeline.now() + (sim.skewMs ?? 0),
    after,
  });
  const bytes = randomBytes(sim.size);
  const uploader = createUploaderWith({ api: 'https://api.example', token: 't', store: null, ...sim.options }, ports);
  const upload = uploader.add({
    ...{ size: sim.size, type: 'image/jpeg', name: 'a.jpg', fingerprint: null },
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  });
  sim.onStart?.(world, upload);
  await runToEnd(upload, timeline, {
    ...{ isBusy, isStuck: asking.isStuck },
    longestMs: sim.longestMs ?? LONGEST_MS,
  });
  const result = await upload.done;
  uploader.close();
  const { upBytes, resets, silenced } = link.counters();
  return {
    result,
    progress: upload.progress,
    isEqual: Buffer.from(bytes).equals(model.uploads.get(result.imageId)?.original ?? Buffer.alloc(0)),
    milliseconds: timeline.now(),
    bytesPerByte: upBytes / sim.size,
    requests: counts,
    ...{ resets, silenced, model },
  };
};
