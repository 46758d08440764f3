import { keepLast } from './recent.ts';

/**
 * What is known of the link, shared by all files of an uploader: round trip, throughput, and how far apart cuts are.
 * From these come the size of the next chunk and whether a single request may carry a whole file.
 */

/** Grid of chunks, in bytes: what the API signs (`chunkUnitBytes`). */
export const UNIT = 65_536;
/** Largest chunk, in bytes (`maxChunkBytes`). */
export const MAX_CHUNK = 8_388_608;

/**
 * What one more chunk costs on the wire, in bytes: request line with the presigned query, headers, and its share of the
 * signing and completing calls. With cuts L bytes apart a chunk of c bytes wastes c/2 at each cut and this much at each chunk;
 * the sum is least at c = sqrt(2·L·h) (Young's formula for checkpoint intervals, CACM 17(9), 1974).
 */
const CHUNK_OVERHEAD = 1_200;
/** No chunk is planned to take longer than this, in milliseconds: a person watching sees progress, and a stall shows. */
const MAX_CHUNK_MS = 2_000;
/** Round trips up to this, in milliseconds, are of a local network: no radio is involved, and nothing is gained by small pieces. */
const LOCAL_RTT_MS = 8;
/** Round trips up to this, in milliseconds, are of a good link: LTE's own is 50 to 70; what is above has a weak cell, or a queue, on its way. */
const GOOD_RTT_MS = 110;
/** Samples kept of round trip and rate: enough to see over one bad one, few enough to follow a link that changes. */
const SAMPLES = 8;
/** Distances between cuts that are remembered. */
const CUTS_KEPT = 6;
/** How far apart cuts are taken to be on a link that looks weak and was not cut yet, in bytes: a few seconds of 3G. */
const WEAK_DISTANCE = 1_048_576;
/** Bodies that a long pipe is shared by: of the six at most, some are being answered. */
const PIPE_SHARE = 4;
/** Losses of several connections within this time are one cut, in milliseconds. */
const SAME_CUT_MS = 1_500;
/** A file up to this size goes as one request on a link that looks good, in bytes: a photograph of a phone. Chunks cost calls and a copy. */
const GOOD_POST = 8_388_608;
/** The same on a link that looks weak and was not cut yet: six of the smallest chunks. Signing and completing them takes longer than losing it once. */
const WEAK_POST = 393_216;
/** Largest file that is sent as one request at all, in bytes (`singlePostMaxBytes`). */
export const MAX_POST = 16_777_216;

export type Belief = 'weak' | 'unknown' | 'good' | 'local';

export interface Link {
  /** A round trip that was measured, in milliseconds. `exact`: the connection's own handshake, without any server's work. */
  readonly roundTrip: (milliseconds: number, exact: boolean) => void;
  /** Bytes that arrived. */
  readonly delivered: (bytes: number) => void;
  /** A rate that was measured, in bytes a millisecond. */
  readonly rateSample: (rate: number) => void;
  /** A body under way was lost, with so many bytes sent. Several connections lost together are one cut. */
  readonly cut: (lostBytes: number, now: number) => void;
  /** Milliseconds; null until measured. */
  readonly rtt: () => number | null;
  /** Bytes a millisecond; null until measured. */
  readonly rate: () => number | null;
  readonly belief: () => Belief;
  /** Bytes since the last cut. */
  readonly uncut: () => number;
  readonly cuts: () => number;
  /** Bytes of the next chunk, when `ahead` bytes are planned before it: a multiple of the unit. */
  readonly chunkSize: (ahead?: number) => number;
  /** Most bytes that one request may carry as a whole file. */
  readonly postLimit: () => number;
  /** The least and the most that `postLimit` may answer once a round trip is known. */
  readonly postLimits: () => { readonly least: number; readonly most: number };
}

const toGrid = (bytes: number): number => Math.min(MAX_CHUNK, Math.max(UNIT, Math.floor(bytes / UNIT) * UNIT));

/** `hint`: what the browser believes (`effectiveType`, Save-Data), or null. */
export const createLink = (hint: () => 'weak' | 'good' | null): Link => {
  const trips: number[] = [];
  const exactTrips: number[] = [];
  const rates: number[] = [];
  const distances: number[] = [];
  let uncut = 0;
  let cuts = 0;
  let lastCut = Number.NEGATIVE_INFINITY;

  const rtt = (): number | null => {
    const known = [...exactTrips, ...trips];
    return known.length === 0 ? null : Math.min(...known);
  };
  // The largest of the last samples, as BBR takes it: a sender that waited measures too little, never too much.
  const rate = (): number | null => (rates.length === 0 ? null : Math.max(...rates));

  const believed = (): Belief => {
    const trip = rtt();
    if (hint() === 'weak') return 'weak';
    if (trip === null) return hint() === 'good' ? 'good' : 'unknown';
    if (trip <= LOCAL_RTT_MS) return 'local';
    return trip <= GOOD_RTT_MS ? 'good' : 'weak';
  };
  const meanDistance = (): number => distances.reduce((sum, one) => sum + one, 0) / Math.max(1, distances.length);
  /** A link that was cut stays weak until much more than the usual distance has passed uncut. */
  const belief = (): Belief => (cuts > 0 && uncut < 4 * Math.max(WEAK_DISTANCE, meanDistance()) ? 'weak' : believed());

  /** Mean distance between cuts, the open one included when it is longer than that. */
  const cutDistance = (): number => {
    const mean = meanDistance();
    return uncut > mean ? (mean * distances.length + uncut) / (distances.length + 1) : mean;
  };
  /** By how much of what passed uncut a chunk may be: at the first cut, half of it is lost. */
  const growth = (): number => {
    const trip = rtt() ?? Number.POSITIVE_INFINITY;
    if (trip <= 50) return 1 / 2;
    return trip <= 100 ? 1 / 4 : 1 / 8;
  };

  /** Fewer bytes would leave a long pipe empty: what is on its way at once, shared by the bodies that may be. */
  const pipeful = (): number => ((rate() ?? 0) * (rtt() ?? 0)) / PIPE_SHARE;
  /** Bytes of a chunk that starts after so many uncut ones, by what is at stake. */
  const wished = (passed: number): number => {
    if (cuts > 0) return Math.sqrt(2 * CHUNK_OVERHEAD * cutDistance());
    if (believed() === 'weak') return Math.sqrt(2 * CHUNK_OVERHEAD * (WEAK_DISTANCE + passed));
    return passed * growth();
  };

  const chunkSize = (ahead = 0): number => {
    if (hint() !== 'weak' && cuts === 0 && believed() === 'local') return MAX_CHUNK;
    const speed = rate();
    return toGrid(
      Math.min(Math.max(wished(uncut + ahead), pipeful()), speed === null ? MAX_CHUNK : speed * MAX_CHUNK_MS),
    );
  };

  const postLimitOf = (believed: Belief): number => {
    if (believed === 'local') return MAX_POST;
    if (believed === 'good') return Math.min(MAX_POST, Math.max(GOOD_POST, uncut / 4));
    return cuts === 0 ? WEAK_POST : 0;
  };
  const postLimit = (): number => postLimitOf(belief());
  const postLimits = (): { least: number; most: number } => {
    const limit = postLimit();
    return rtt() === null && belief() !== 'weak'
      ? { least: WEAK_POST, most: GOOD_POST }
      : { least: limit, most: limit };
  };

  return {
    roundTrip: (milliseconds, exact) => keepLast(exact ? exactTrips : trips, milliseconds, SAMPLES),
    delivered: (bytes) => {
      uncut += bytes;
    },
    rateSample: (sample) => keepLast(rates, sample, SAMPLES),
    cut: (lostBytes, now) => {
      if (now - lastCut < SAME_CUT_MS && uncut === 0) return;
      lastCut = now;
      keepLast(distances, uncut + lostBytes / 2, CUTS_KEPT);
      cuts += 1;
      uncut = 0;
    },
    rtt,
    rate,
    belief,
    uncut: () => uncut,
    cuts: () => cuts,
    chunkSize,
    postLimit,
    postLimits,
  };
};
