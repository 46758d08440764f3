import { connect, createServer, type Socket } from 'node:net';
import { rm } from 'node:fs/promises';
import { createLink, type Link, type LinkConnection, type LinkCounters } from './link.ts';
import { PREAMBLE_BYTES, type Preamble, readPreamble, type TakenMessage } from './preamble.ts';
import type { LinkProfile } from './profiles.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** A link under test: what a client writes to the socket crosses it to the real port. */
export interface LinkProxy {
  /** Ends what is left of the link before, and begins a new one. `pace`: how many times faster than the clock. */
  readonly begin: (profile: LinkProfile, seed: string, pace: number) => void;
  /** Simulated milliseconds since `begin`. */
  readonly now: () => number;
  readonly counters: () => LinkCounters;
  readonly close: () => Promise<void>;
}

export interface LinkProxyOptions {
  /** Path of the Unix socket to listen on: its client is the hook in `hook.ts`. */
  readonly socketPath: string;
  /** Tells the client's process that the link has taken bytes of a connection: until then they fill the phone's send buffer. */
  readonly tellTaken: (taken: TakenMessage['taken']) => void;
}

/** A server's answer is read no further ahead of the link than this. */
const MAX_AHEAD_BYTES = 65_536;

interface Running {
  readonly link: Link;
  readonly timeline: Timeline;
  readonly sockets: Set<Socket>;
}

/** Reads the preamble, then hands the socket over. */
const withPreamble = (client: Socket, start: (preamble: Preamble) => void): void => {
  client.once('readable', () => {
    const head = client.read(PREAMBLE_BYTES) as Buffer | null;
    // The hook writes it at once and whole; a client that is gone before that asked for nothing.
    if (head === null) client.destroy();
    else start(readPreamble(head));
  });
};

/** Collects what the link takes, so that a busy client gets one message for many packets. */
const createTeller = (tell: LinkProxyOptions['tellTaken']) => {
  const taken = new Map<number, number>();
  const flush = (): void => {
    const all = [...taken];
    taken.clear();
    tell(all);
  };
  return (id: number, bytes: number): void => {
    if (taken.size === 0) setImmediate(flush);
    taken.set(id, (taken.get(id) ?? 0) + bytes);
  };
};

/** Joins a client's socket with a server's by a connection over the link. */
const join = (running: Running, client: Socket, from: { id: number; port: number; tell: (bytes: number) => void }) => {
  let server: Socket | undefined;
  let ahead = 0;
  const drop = (socket: Socket | undefined): void => {
    socket?.destroy();
  };
  const connection: LinkConnection = running.link.connect({
    onTaken: from.tell,
    onServerTaken: (bytes) => {
      ahead -= bytes;
      if (ahead < MAX_AHEAD_BYTES) server?.resume();
    },
    onOpen: () => {
      server = openServer();
    },
    toServer: (bytes) => server?.write(bytes),
    toClient: (bytes) => client.write(bytes),
    endToServer: () => server?.end(),
    endToClient: () => client.end(),
    onReset: () => {
      drop(client);
      // A reset and not an end: the server must not take what it has for the whole.
      server?.resetAndDestroy();
    },
  });

  const openServer = (): Socket => {
    const socket = connect({ host: '127.0.0.1', port: from.port, allowHalfOpen: true, noDelay: true });
    running.sockets.add(socket);
    socket.on('data', (bytes: Buffer) => {
      ahead += bytes.length;
      if (ahead >= MAX_AHEAD_BYTES) socket.pause();
      connection.fromServer(bytes);
    });
    socket.on('end', () => connection.endFromServer());
    socket.on('error', () => connection.close(() => drop(client)));
    socket.on('close', () => running.sockets.delete(socket));
    return socket;
  };

  running.sockets.add(client);
  client.on('data', (bytes: Buffer) => connection.fromClient(bytes));
  client.on('end', () => connection.endFromClient());
  client.on('error', () => connection.close(() => drop(server)));
  client.on('close', () => {
    running.sockets.delete(client);
    connection.close(() => drop(server));
  });
};

/** Starts to listen. Connections before the first `begin` are refused. */
export const createLinkProxy = async ({ socketPath, tellTaken }: LinkProxyOptions): Promise<LinkProxy> => {
  let running: Running | undefined;
  const tell = createTeller(tellTaken);

  const finish = (): void => {
    running?.timeline.stop();
    for (const socket of running?.sockets ?? []) socket.destroy();
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const current = running;
    // Until it is joined; a reset before that ends nothing but this socket.
    client.on('error', () => client.destroy());
    if (current === undefined) client.destroy();
    else withPreamble(client, ({ id, port }) => join(current, client, { id, port, tell: (bytes) => tell(id, bytes) }));
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
      running = { link: createLink(profile, seed, timeline), timeline, sockets: new Set() };
    },
    now: () => running?.timeline.now() ?? 0,
    counters: () => running?.link.counters() ?? { upBytes: 0, downBytes: 0, connections: 0, resets: 0, silenced: 0 },
    close: async () => {
      finish();
      await new Promise((resolve) => server.close(resolve));
      await rm(socketPath, { force: true });
    },
  };
};
