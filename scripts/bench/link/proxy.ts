import { createServer, type Socket } from 'node:net';
import { rm } from 'node:fs/promises';
import { createCrossing, type Crossing } from './crossing.ts';
import { createLink, type Link, type LinkCounters } from './link.ts';
import { type HookMessage, type LinkMessage, PREAMBLE_BYTES } from './messages.ts';
import type { LinkProfile } from './profiles.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** A link under test: what a client's process writes crosses it to the real ports. */
export interface LinkProxy {
  /** Ends what is left of the link before, and begins a new one. `pace`: how many times faster than the clock. */
  readonly begin: (profile: LinkProfile, seed: string, pace: number) => void;
  /** What the hook in the client's process has to say. */
  readonly hear: (message: HookMessage) => void;
  /** Simulated milliseconds since `begin`. */
  readonly now: () => number;
  readonly counters: () => LinkCounters;
  readonly close: () => Promise<void>;
}

export interface LinkProxyOptions {
  /** Path of the Unix socket to listen on: its client is the hook in `hook.ts`. */
  readonly socketPath: string;
  /** Tells the hook in the client's process. */
  readonly tell: (message: LinkMessage) => void;
}

interface Running {
  readonly link: Link;
  readonly timeline: Timeline;
  readonly crossings: Map<number, Crossing>;
}

const NOTHING: LinkCounters = { upBytes: 0, downBytes: 0, connections: 0, resets: 0, silenced: 0 };

/** Reads the number of the connection, then hands the socket over. */
const withPreamble = (client: Socket, attach: (id: number) => void): void => {
  // A socket that fails before it is attached ends nothing but itself.
  client.on('error', () => client.destroy());
  client.once('readable', () => {
    const head = client.read(PREAMBLE_BYTES) as Buffer | null;
    // The hook writes it at once and whole; a client that is gone before that asked for nothing.
    if (head === null) client.destroy();
    else attach(head.readUInt32BE());
  });
};

/** Collects what the link takes, so that a busy client gets one message for many packets. */
const createTeller = (tell: LinkProxyOptions['tell']) => {
  const taken = new Map<number, number>();
  const flush = (): void => {
    const all = [...taken];
    taken.clear();
    tell({ taken: all });
  };
  return (id: number, bytes: number): void => {
    if (taken.size === 0) setImmediate(flush);
    taken.set(id, (taken.get(id) ?? 0) + bytes);
  };
};

/** Starts to listen. Before the first `begin` nobody is connected. */
export const createLinkProxy = async ({ socketPath, tell }: LinkProxyOptions): Promise<LinkProxy> => {
  let running: Running | undefined;
  const tellTaken = createTeller(tell);

  const dial = ({ link, crossings }: Running, { id, port }: { id: number; port: number }): void => {
    const crossing = createCrossing({
      link,
      port,
      onTaken: (bytes) => tellTaken(id, bytes),
      onConnected: () => tell({ opened: id }),
      onRefused: () => tell({ refused: id }),
    });
    crossings.set(id, crossing);
  };
  const finish = (): void => {
    running?.timeline.stop();
    for (const [id, crossing] of running?.crossings ?? []) {
      crossing.destroy();
      // One that is not there yet would be waited for.
      tell({ refused: id });
    }
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    withPreamble(client, (id) => {
      const crossing = running?.crossings.get(id);
      // Of a link that has ended meanwhile.
      if (crossing === undefined) client.destroy();
      else crossing.attach(client);
    });
  });
  await rm(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });

  return {
    begin: (profile, seed, pace) => {
      finish();
      const timeline = createTimeline(pace);
      running = { link: createLink(profile, seed, timeline), timeline, crossings: new Map() };
    },
    hear: (message) => {
      if (running === undefined) return;
      if ('dial' in message) dial(running, message.dial);
      else running.crossings.get(message.hangUp)?.hangUp();
    },
    now: () => running?.timeline.now() ?? 0,
    counters: () => running?.link.counters() ?? NOTHING,
    close: async () => {
      finish();
      await new Promise((resolve) => server.close(resolve));
      await rm(socketPath, { force: true });
    },
  };
};
