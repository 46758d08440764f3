/**
 * What a link does to its connections at random times. Exponential gaps: such events have no memory.
 * `fate` holds weights: all connections are reset, or go silent (everything is swallowed, nothing answers), or live on.
 */
export interface Interruption {
  readonly name: string;
  /** Mean time from the end of one to the begin of the next. */
  readonly everyMs: number;
  /** Nothing flows for a time between these two; 0 and 0: only the connections suffer. */
  readonly lastsMs: readonly [number, number];
  readonly fate: { readonly reset: number; readonly silent: number; readonly survive: number };
}

/** A link between a phone and the endpoint. Rates in bytes a second, both directions of one radio. */
export interface LinkProfile {
  readonly up: number;
  readonly down: number;
  readonly roundTripMs: number;
  /** Mean of the exponential extra delay of each packet, each way; packets stay in order. */
  readonly jitterMs: number;
  /** What the phone's kernel takes from a program before the link has taken it. */
  readonly sendBufferBytes: number;
  /** A connection is reset after so many bytes up, exponential; over all connections of the link. Null: never. */
  readonly meanBytesBetweenResets: number | null;
  readonly interruptions: readonly Interruption[];
}

const bits = (perSecond: number): number => perSecond / 8;

/**
 * Rates and round trips are those of WebPageTest's `connectivity.ini` (LTE 12/12 Mbit/s 70 ms, 3G 1.6/0.768 Mbit/s 300 ms, Edge 240/200 kbit/s
 * 840 ms), which is what web developers test against. Send buffers are Android's defaults per radio (`DataConnection.java`:
 * LTE at least 262,144 bytes, HSPA 100,663, EDGE at most 70,800).
 */
export const profiles = {
  /** Standing still, four bars. Nothing breaks: the question is what care costs when it is not needed. */
  good4g: {
    up: bits(12_000_000),
    down: bits(12_000_000),
    roundTripMs: 70,
    jitterMs: 3,
    sendBufferBytes: 262_144,
    meanBytesBetweenResets: null,
    interruptions: [],
  },
  /** A busy cell: the radio sleeps and is scheduled away for a few seconds; a connection dies now and then (idle NAT, change of cell). */
  '3g': {
    up: bits(768_000),
    down: bits(1_600_000),
    roundTripMs: 300,
    jitterMs: 20,
    sendBufferBytes: 100_663,
    meanBytesBetweenResets: null,
    interruptions: [
      { name: 'stall', everyMs: 20_000, lastsMs: [1000, 4000], fate: { reset: 0, silent: 0, survive: 1 } },
      { name: 'handover', everyMs: 90_000, lastsMs: [500, 1500], fate: { reset: 1, silent: 1, survive: 2 } },
    ],
  },
  /** The edge of coverage. Cell reselection interrupts GPRS and EDGE for seconds (3GPP TS 45.008), and some connections never come back. */
  '2g': {
    up: bits(200_000),
    down: bits(240_000),
    roundTripMs: 840,
    jitterMs: 60,
    sendBufferBytes: 70_800,
    meanBytesBetweenResets: null,
    interruptions: [
      { name: 'reselection', everyMs: 40_000, lastsMs: [2000, 6000], fate: { reset: 0, silent: 0, survive: 1 } },
      { name: 'loss of service', everyMs: 120_000, lastsMs: [4000, 12_000], fate: { reset: 2, silent: 1, survive: 1 } },
    ],
  },
  /**
   * A commuter train. A connection is cut every few seconds of sending (every 1.5 MB at 300 kB/s: five seconds), tunnels and dead
   * ground come every three quarters of a minute. Measured on Norwegian trains, a third of the changes of radio technology ended the connections (Baltrūnas et al.,
   * "Investigating Packet Loss in Mobile Broadband Networks under Mobility"), and most loss fell into those changes and losses of service.
   * Rate and round trip lie between WebPageTest's 3G and 4G: cells are shared by the whole train and left every minute.
   */
  train: {
    up: bits(2_400_000),
    down: bits(4_800_000),
    roundTripMs: 120,
    jitterMs: 15,
    sendBufferBytes: 100_663,
    meanBytesBetweenResets: 1_500_000,
    interruptions: [
      { name: 'tunnel', everyMs: 45_000, lastsMs: [3000, 12_000], fate: { reset: 1, silent: 1, survive: 1 } },
      { name: 'change of radio', everyMs: 30_000, lastsMs: [300, 1500], fate: { reset: 1, silent: 0, survive: 2 } },
    ],
  },
} as const satisfies Record<string, LinkProfile>;

export type ProfileName = keyof typeof profiles;
export const profileNames = Object.keys(profiles) as ProfileName[];
