import type { HotMessage, ReceiveHot, RemoveHot, Tell } from '../ports.ts';
import type { Reencoded } from './reencode.ts';

/** Time that the largest rendition takes, in milliseconds: with less left, no other is begun. */
export const RESERVE_MS = 180_000;

/** Thrown after a drain that left something undone, so that the function's error metric shows it. */
export class HeatIncompleteError extends Error {
  override readonly name = 'HeatIncompleteError';
}

export interface DrainPorts {
  readonly receive: ReceiveHot;
  readonly remove: RemoveHot;
  readonly reencode: (key: string) => Promise<Reencoded>;
  readonly remainingMs: () => number;
  readonly tell: Tell;
}

export interface DrainTally {
  readonly done: number;
  /** Bytes that the store holds less. */
  readonly saved: number;
  /** Come back by themselves, and end in the dead-letter queue after three receives. */
  readonly failed: number;
}

/** What one message brought, in bytes; undefined when it failed and stays on the queue. */
const handle = async (ports: DrainPorts, message: HotMessage): Promise<number | undefined> => {
  const { hot, messageId } = message;
  if (hot === undefined) {
    ports.tell('error', 'message cannot be understood', { messageId });
    return undefined;
  }
  try {
    const result = await ports.reencode(hot.key);
    await ports.remove(message);
    ports.tell('info', 'hot rendition', { key: hot.key, ...result });
    return result.outcome === 'smaller' ? result.before - result.after : 0;
  } catch (error) {
    ports.tell('error', 'hot rendition could not be coded', { key: hot.key, messageId, error });
    return undefined;
  }
};

/**
 * Codes hot renditions one after the other until the queue is empty or time is short. Throws HeatIncompleteError at the end when
 * some failed.
 */
export const drainHeat = async (ports: DrainPorts): Promise<DrainTally> => {
  let [done, saved, failed] = [0, 0, 0];
  while (ports.remainingMs() > RESERVE_MS) {
    const message = await ports.receive();
    if (message === undefined) break;
    const bytes = await handle(ports, message);
    if (bytes === undefined) failed += 1;
    else [done, saved] = [done + 1, saved + bytes];
  }
  if (failed > 0) throw new HeatIncompleteError(`expected every hot rendition to be coded but ${failed} could not be`);
  return { done, saved, failed };
};
