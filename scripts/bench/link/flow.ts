import type { Timeline } from './timeline.ts';

/** One direction of one connection, as the link sees it. */
export interface Flow {
  /** Bytes that wait for the link. */
  waiting: Buffer[];
  waitingBytes: number;
  /** Bytes on their way or not yet acknowledged. */
  inFlight: number;
  /** TCP's congestion window. */
  window: number;
  /** The sender has closed its side, after what waits. */
  hasEnded: boolean;
  /** Set up, and not closed. */
  isOpen: boolean;
  /** Swallows what it is given and delivers nothing. */
  isSilent: boolean;
  /** Arrival of the last packet: packets of a connection stay in order. */
  lastArrival: number;
  /** The link has taken so many bytes more. */
  readonly onTaken: (bytes: number) => void;
  readonly onDelivered: (bytes: Buffer) => void;
  readonly onEnd: () => void;
}

export interface LaneOptions {
  readonly timeline: Timeline;
  /** Bytes a second. */
  readonly rate: number;
  /** Milliseconds one way. */
  readonly delayMs: number;
  readonly jitter: () => number;
  /** Of so many bytes that could be sent now, how many may before something happens to the connection. */
  readonly allowance?: (flow: Flow) => number;
  /** So many bytes have entered the link. */
  readonly onSent?: (flow: Flow, bytes: number) => void;
}

/** A direction of the link, shared by all connections in turns. */
export interface Lane {
  readonly flows: Set<Flow>;
  /** Bytes that have entered since the begin. */
  readonly sentBytes: () => number;
  /** Something may go that could not before. */
  readonly wake: () => void;
  readonly setDown: (isDown: boolean) => void;
}

/** An Ethernet frame less IP and TCP headers; two are taken at a time, to halve the number of events. */
const SEGMENT_BYTES = 1448;
const PACKET_BYTES = 2 * SEGMENT_BYTES;
/** RFC 6928: ten segments before the first acknowledgement. */
const INITIAL_WINDOW = 10 * SEGMENT_BYTES;
/** Slow start ends when the pipe is full twice over: then the bottleneck's queue would drop. Never below what a phone's TCP keeps. */
const MIN_FULL_WINDOW = 65_536;

export const createFlow = (hooks: Pick<Flow, 'onTaken' | 'onDelivered' | 'onEnd'>): Flow => ({
  waiting: [],
  waitingBytes: 0,
  inFlight: 0,
  window: INITIAL_WINDOW,
  hasEnded: false,
  isOpen: false,
  isSilent: false,
  lastArrival: 0,
  ...hooks,
});

/** Takes so many bytes off the head of what waits. */
const take = (flow: Flow, bytes: number): Buffer => {
  const parts: Buffer[] = [];
  for (let missing = bytes; missing > 0; ) {
    const head = flow.waiting[0];
    if (head === undefined) break;
    parts.push(head.subarray(0, missing));
    if (head.length > missing) flow.waiting[0] = head.subarray(missing);
    else flow.waiting.shift();
    missing -= Math.min(missing, head.length);
  }
  flow.waitingBytes -= bytes;
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
};

export const createLane = ({ timeline, rate, delayMs, jitter, allowance, onSent }: LaneOptions): Lane => {
  const flows = new Set<Flow>();
  const fullWindow = Math.max(MIN_FULL_WINDOW, (2 * rate * 2 * delayMs) / 1000);
  let sent = 0;
  let freeAt = 0;
  let isPlanned = false;
  let isDown = false;

  const sendable = (flow: Flow): number =>
    flow.isOpen ? Math.min(flow.waitingBytes, flow.window - flow.inFlight, PACKET_BYTES) : 0;

  /** The flow whose turn it is goes to the end of the row. */
  const nextFlow = (): Flow | undefined => {
    for (const flow of flows) {
      if (sendable(flow) <= 0) continue;
      flows.delete(flow);
      flows.add(flow);
      return flow;
    }
    return undefined;
  };

  const endWhenDrained = (flow: Flow): void => {
    if (!flow.hasEnded || flow.waitingBytes > 0 || flow.isSilent || !flow.isOpen || isDown) return;
    flow.hasEnded = false;
    flow.lastArrival = Math.max(flow.lastArrival, timeline.now() + delayMs);
    timeline.at(flow.lastArrival, () => {
      if (flow.isOpen && !flow.isSilent) flow.onEnd();
    });
  };

  const travel = (flow: Flow, bytes: Buffer, departs: number): void => {
    flow.lastArrival = Math.max(flow.lastArrival, departs + delayMs + jitter());
    timeline.at(flow.lastArrival, () => {
      if (!flow.isOpen || flow.isSilent) return;
      flow.onDelivered(bytes);
      timeline.at(timeline.now() + delayMs, () => {
        flow.inFlight -= bytes.length;
        flow.window = Math.min(fullWindow, flow.window + bytes.length);
        plan();
      });
    });
  };

  const sendOne = (): void => {
    isPlanned = false;
    const flow = isDown ? undefined : nextFlow();
    if (flow === undefined) return;
    const bytes = take(flow, Math.min(sendable(flow), allowance?.(flow) ?? Infinity));
    sent += bytes.length;
    flow.inFlight += bytes.length;
    freeAt = Math.max(freeAt, timeline.now()) + (bytes.length / rate) * 1000;
    flow.onTaken(bytes.length);
    travel(flow, bytes, freeAt);
    endWhenDrained(flow);
    onSent?.(flow, bytes.length);
    plan();
  };

  const plan = (): void => {
    if (isPlanned || isDown) return;
    isPlanned = true;
    timeline.at(freeAt, sendOne);
  };

  return {
    flows,
    sentBytes: () => sent,
    wake: () => {
      for (const flow of flows) endWhenDrained(flow);
      plan();
    },
    setDown: (down) => {
      isDown = down;
      if (down) return;
      for (const flow of flows) endWhenDrained(flow);
      plan();
    },
  };
};
