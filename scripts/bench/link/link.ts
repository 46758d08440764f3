import { createFlow, createLane, type Flow, type Lane } from './flow.ts';
import type { LinkProfile } from './profiles.ts';
import { type Fate, type PlannedInterruption, planLink } from './schedule.ts';
import type { Timeline } from './timeline.ts';

/** What happens to a connection that crosses the link. */
export interface ConnectionHooks {
  /** The link has taken so many bytes that the client wrote. */
  readonly onTaken: (bytes: number) => void;
  readonly onServerTaken: (bytes: number) => void;
  /** TCP's handshake is over: the client may write. */
  readonly onConnected?: () => void;
  /** So is that of TLS: what was written may go, and the server may be connected to. */
  readonly onOpen: () => void;
  readonly toServer: (bytes: Buffer) => void;
  readonly toClient: (bytes: Buffer) => void;
  readonly endToServer: () => void;
  readonly endToClient: () => void;
  /** Dead, both sides. */
  readonly onReset: () => void;
}

export interface LinkConnection {
  readonly fromClient: (bytes: Buffer) => void;
  readonly fromServer: (bytes: Buffer) => void;
  readonly endFromClient: () => void;
  readonly endFromServer: () => void;
  /** Gone at one side; `tell` runs when the other side hears of it, and never when the link has eaten the word. */
  readonly close: (tell: () => void) => void;
}

export interface LinkCounters {
  /** Bytes that entered the link from the client, headers included, arrived or not. */
  readonly upBytes: number;
  readonly downBytes: number;
  readonly connections: number;
  /** Connections that the link reset, and those it silenced. */
  readonly resets: number;
  readonly silenced: number;
}

export interface Link {
  readonly connect: (hooks: ConnectionHooks) => LinkConnection;
  readonly counters: () => LinkCounters;
}

/** First repetition of a lost SYN after a second, then doubling (RFC 6298, Linux, Android, iOS alike). */
const FIRST_SYN_RETRY_MS = 1000;
/**
 * When TCP itself gives a silent connection up. RFC 9293 asks for at least 100 s; Linux takes 15 minutes, which would hand every round
 * with one black hole to the client that looks for stalls.
 */
const SILENCE_ENDS_MS = 100_000;

interface Connection {
  readonly up: Flow;
  readonly down: Flow;
  readonly hooks: ConnectionHooks;
}

/** A link with this profile, that does to all clients with one seed the same. */
export const createLink = (profile: LinkProfile, seed: string, timeline: Timeline): Link => {
  const schedule = planLink(profile, seed);
  const began = timeline.now();
  const delayMs = profile.roundTripMs / 2;
  const connections = new Map<Flow, Connection>();
  const counts = { connections: 0, resets: 0, silenced: 0 };
  let nextResetAt = schedule.resets.next().value;
  let interruptionsUnderWay = 0;

  const up: Lane = createLane({
    timeline,
    rate: profile.up,
    delayMs,
    jitter: schedule.jitter,
    allowance: () => nextResetAt - up.sentBytes(),
    onSent: (flow) => {
      if (up.sentBytes() < nextResetAt) return;
      nextResetAt = schedule.resets.next().value;
      const connection = connections.get(flow);
      if (connection !== undefined) reset(connection);
    },
  });
  const down: Lane = createLane({ timeline, rate: profile.down, delayMs, jitter: schedule.jitter });

  const forget = (connection: Connection): void => {
    for (const flow of [connection.up, connection.down]) flow.isOpen = false;
    up.flows.delete(connection.up);
    down.flows.delete(connection.down);
    connections.delete(connection.up);
  };
  const reset = (connection: Connection): void => {
    if (!connections.has(connection.up)) return;
    counts.resets++;
    forget(connection);
    connection.hooks.onReset();
  };
  const silence = (connection: Connection): void => {
    if (connection.up.isSilent) return;
    counts.silenced++;
    connection.up.isSilent = connection.down.isSilent = true;
    timeline.at(timeline.now() + SILENCE_ENDS_MS, () => {
      if (!connections.has(connection.up)) return;
      forget(connection);
      connection.hooks.onReset();
    });
  };
  const strike: Record<Fate, (connection: Connection) => void> = { reset, silent: silence, survive: () => undefined };

  const setDown = (): void => {
    for (const lane of [up, down]) lane.setDown(interruptionsUnderWay > 0);
  };
  const begin = ({ lasts, fate }: PlannedInterruption): void => {
    interruptionsUnderWay++;
    setDown();
    for (const connection of [...connections.values()]) strike[fate](connection);
    timeline.at(timeline.now() + lasts, () => {
      interruptionsUnderWay--;
      setDown();
    });
  };
  const follow = (kind: Iterator<PlannedInterruption, never>): void => {
    const planned = kind.next().value;
    timeline.at(began + planned.at, () => {
      begin(planned);
      follow(kind);
    });
  };
  for (const kind of schedule.interruptions) follow(kind);

  const isAlive = ({ up }: Connection): boolean => connections.has(up) && !up.isSilent;
  /** A round trip of a connection that is being set up; one that strikes it ends the matter. */
  const afterRoundTrip = (connection: Connection, then: () => void): void => {
    timeline.at(timeline.now() + profile.roundTripMs + schedule.jitter(), () => {
      if (isAlive(connection)) then();
    });
  };
  /**
   * TCP's handshake, then that of TLS 1.3: in production every endpoint is HTTPS, and one round trip would flatter clients that connect often.
   * A SYN is lost while the link is down, and sent again after 1 s, 3 s, 7 s, …
   */
  const setUp = (connection: Connection, wait: number): void => {
    if (!isAlive(connection)) return;
    if (interruptionsUnderWay > 0) {
      timeline.at(timeline.now() + wait, () => setUp(connection, 2 * wait));
      return;
    }
    afterRoundTrip(connection, () => {
      connection.hooks.onConnected?.();
      afterRoundTrip(connection, () => {
        connection.up.isOpen = connection.down.isOpen = true;
        connection.hooks.onOpen();
        for (const lane of [up, down]) lane.wake();
      });
    });
  };

  const feed = (lane: Lane, flow: Flow, bytes: Buffer): void => {
    flow.waiting.push(bytes);
    flow.waitingBytes += bytes.length;
    lane.wake();
  };
  const end = (lane: Lane, flow: Flow): void => {
    flow.hasEnded = true;
    lane.wake();
  };

  return {
    connect: (hooks) => {
      const connection: Connection = {
        hooks,
        up: createFlow({ onTaken: hooks.onTaken, onDelivered: hooks.toServer, onEnd: hooks.endToServer }),
        down: createFlow({ onTaken: hooks.onServerTaken, onDelivered: hooks.toClient, onEnd: hooks.endToClient }),
      };
      counts.connections++;
      connections.set(connection.up, connection);
      up.flows.add(connection.up);
      down.flows.add(connection.down);
      setUp(connection, FIRST_SYN_RETRY_MS);
      return {
        fromClient: (bytes) => feed(up, connection.up, bytes),
        fromServer: (bytes) => feed(down, connection.down, bytes),
        endFromClient: () => end(up, connection.up),
        endFromServer: () => end(down, connection.down),
        close: (tell) => {
          const isHeard = connections.has(connection.up) && !connection.up.isSilent && interruptionsUnderWay === 0;
          forget(connection);
          timeline.at(timeline.now() + (isHeard ? delayMs : SILENCE_ENDS_MS), tell);
        },
      };
    },
    counters: () => ({ ...counts, upBytes: up.sentBytes(), downBytes: down.sentBytes() }),
  };
};
