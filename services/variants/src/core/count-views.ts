import type { Tier } from '@darkroom/types/ladder';
import type { Prices } from '@darkroom/types/prices';
import type { ClaimStep, CountView, MarkQueued, SendHot, Tell } from '../ports.ts';
import type { View } from './access-log.ts';
import { isHot } from './break-even.ts';

/** Views of one rendition in one log file. */
export interface Tally {
  readonly key: string;
  readonly width: number;
  readonly tier: Tier;
  views: number;
  bytes: number;
}

export interface CountPorts {
  readonly claimStep: ClaimStep;
  readonly countView: CountView;
  readonly sendHot: SendHot;
  readonly markQueued: MarkQueued;
  readonly prices: Prices;
  readonly tell: Tell;
}

/** Renditions told apart in one file: 10 MB of keys. What is seen for the first time after so many others is not hot. */
export const MOST_KEYS = 50_000;
/** Counters written between two steps of a file's progress, side by side. */
export const STEP = 25;

/** FNV-1a, 32 bit: spreads request ids evenly. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
};

/**
 * Adds up the views of a file by rendition, in the order in which they first come. Of `sample` views one is counted, as so
 * many: which one hangs on its request id alone, so a file that is read again gives the same.
 */
export const tallyViews = async (
  views: AsyncIterable<View | undefined>,
  sample: number,
  mostKeys = MOST_KEYS,
): Promise<Tally[]> => {
  const tallies = new Map<string, Tally>();
  for await (const view of views) {
    if (view === undefined || hash(view.requestId) % sample !== 0) continue;
    const { key, width, tier, bytes } = view;
    let tally = tallies.get(key);
    if (tally === undefined) {
      if (tallies.size >= mostKeys) continue;
      tally = { key, width, tier, views: 0, bytes: 0 };
      tallies.set(key, tally);
    }
    tally.views += sample;
    tally.bytes += bytes * sample;
  }
  return [...tallies.values()];
};

/** The message goes out before the mark: a crash between the two sends it twice, which is harmless, and never loses it. */
const count = async (ports: CountPorts, tally: Tally): Promise<boolean> => {
  const counter = await ports.countView(tally.key, tally);
  if (counter.isQueued || !isHot({ ...tally, bytes: counter.bytes }, ports.prices)) return false;
  await ports.sendHot({ key: tally.key });
  await ports.markQueued(tally.key);
  ports.tell('info', 'a rendition is hot', { key: tally.key, views: counter.views, bytes: counter.bytes });
  return true;
};

/**
 * Writes the tallies of one file into the counters, and puts renditions that have become hot on the heat queue. Each step of a file is
 * claimed before it is written, by one conditional write: a file that is delivered twice, even at the same time, counts
 * once, and one whose reader died in the middle is gone on with, short of one step at most. Throws what the ports throw.
 */
export const countTallies = async (
  ports: CountPorts,
  file: string,
  tallies: readonly Tally[],
): Promise<{ readonly counted: number; readonly hot: number }> => {
  let counted = 0;
  let hot = 0;
  for (let from = 0; from < tallies.length; from += STEP) {
    if (!(await ports.claimStep(file, from / STEP))) continue;
    const outcomes = await Promise.all(tallies.slice(from, from + STEP).map((tally) => count(ports, tally)));
    counted += outcomes.length;
    hot += outcomes.filter(Boolean).length;
  }
  return { counted, hot };
};
