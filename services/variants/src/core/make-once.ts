import type { Clock, Lease, ReadVariant, ReleaseLease, Sleep, TakeLease, Tell } from '../ports.ts';

export interface OncePorts {
  readonly readVariant: ReadVariant;
  readonly takeLease: TakeLease;
  readonly releaseLease: ReleaseLease;
  readonly now: Clock;
  readonly sleep: Sleep;
  /** 0 to 1: spreads the looks of those who wait. */
  readonly random: () => number;
  readonly tell: Tell;
}

/** Waits between two looks at the store, in milliseconds: from the first, doubled, up to the longest. */
const FIRST_WAIT_MS = 60;
const LONGEST_WAIT_MS = 1_000;
/** How long others are waited for at most, in milliseconds: one lease and a half, and half of the function's time is left. */
export const PATIENCE_MS = 15_000;

/** Leases save work; without them the work is still right. */
const lease = async ({ takeLease, tell }: OncePorts, key: string): Promise<Lease | undefined> => {
  try {
    return await takeLease(key);
  } catch (error) {
    tell('warn', 'the lease table does not answer: rendering without a lease', { key, error });
    return { key, holder: '' };
  }
};

const release = async ({ releaseLease, tell }: OncePorts, held: Lease): Promise<void> => {
  if (held.holder === '') return;
  await releaseLease(held).catch((error: unknown) => {
    tell('warn', 'a lease was not given back: it runs out by itself', { key: held.key, error });
  });
};

/** The lease is kept after success: who comes within its time finds it taken, and the file stored. */
const makeUnder = async <T>(ports: OncePorts, held: Lease | undefined, make: () => Promise<T>): Promise<T> => {
  try {
    return await make();
  } catch (error) {
    if (held !== undefined) await release(ports, held);
    throw error;
  }
};

/**
 * What is stored under a key, or else what `make` makes and stores: once over all processes. Who does not get the lease looks
 * for the file with growing pauses, and takes the lease over when its holder gave it back or let it run out. After
 * `PATIENCE_MS` it makes the file all the same. Throws what `make` and the store throw.
 */
export const makeOnce = async <T>(
  ports: OncePorts,
  key: string,
  make: () => Promise<T>,
): Promise<{ readonly stored: Buffer } | { readonly made: T }> => {
  const patienceEnds = ports.now() + PATIENCE_MS;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    const held = await lease(ports, key);
    // Looked for after the lease was asked for: what its last holder stored is seen then.
    const stored = await ports.readVariant(key);
    if (stored !== undefined) return { stored };
    if (held !== undefined || ports.now() >= patienceEnds) return { made: await makeUnder(ports, held, make) };
    await ports.sleep(wait * (0.5 + ports.random()));
  }
};
