import { createHash } from 'node:crypto';
import type { ChunkOrder } from '@darkroom/types/api';
import { createFakeClock } from '../../test/support/clock.ts';
import { randomBytes } from '../../test/support/random.ts';
import type { Api, SignedChunks } from './api.ts';
import { createGate } from './gate.ts';
import { createLedger, type Piece } from './ledger.ts';
import { createLink, UNIT } from './link.ts';
import { createMeter } from './meter.ts';
import type { Ports } from './ports.ts';
import type { Job } from './run.ts';
import { applySigned, createSigner, cutPieces, orderOf, usableUntil } from './signer.ts';

const MINUTE = 60_000;
const ticket = { imageId: 'image', uploadToken: 'token' };
const never = new AbortController().signal;
/** Lets all promises run that can: hashing a batch takes many turns. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const urlOf = ({ offset, size }: ChunkOrder) => ({
  offset,
  size,
  url: `https://storage.example/${offset}`,
  headers: {},
});

interface Call {
  readonly chunks: readonly ChunkOrder[];
  readonly judged: boolean | undefined;
  readonly answer: (change?: Partial<SignedChunks>) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

const jobOf = (bytes: Uint8Array<ArrayBuffer>, fixedChunk: number | null = null) => {
  const clock = createFakeClock();
  const calls: Call[] = [];
  const unused = (): Promise<never> => Promise.reject(new Error('expected no such call but there was one'));
  const signChunks: Api['signChunks'] = (_, { chunks, judged }) =>
    new Promise((resolve, reject) => {
      const expiresAt = new Date(clock.now() + 15 * MINUTE).toISOString();
      calls.push({
        ...{ chunks, judged },
        answer: (change) => {
          resolve({ chunks: chunks.map(urlOf), judged: false, expiresAt, ...change });
          return settled();
        },
        fail: (error) => {
          reject(error);
          return settled();
        },
      });
    });
  const hashStream: Ports['hashStream'] = () => {
    const hash = createHash('sha256');
    return { update: (part) => void hash.update(part), hex: () => hash.digest('hex') };
  };
  const ports: Ports = {
    ...clock,
    transport: unused,
    network: { online: () => true, effectiveType: () => null, saveData: () => false, subscribe: () => () => undefined },
    random: () => 0.5,
    digest: (part) => Promise.resolve(sha256(part)),
    hashStream,
  };
  const link = createLink(() => null);
  const job: Job = {
    ...{ ports, link, fixedChunk, order: 0 },
    gate: createGate(clock, link, () => false),
    api: { create: unused, status: unused, probe: unused, complete: unused, remove: unused, signChunks },
    source: {
      ...{ size: bytes.length, type: 'image/jpeg', name: null, fingerprint: null },
      read: (start, end) => Promise.resolve(bytes.slice(start, end)),
    },
    ledger: createLedger(bytes.length),
    meter: createMeter(clock, bytes.length),
    patience: { progressed: () => undefined, check: () => undefined, wait: unused },
    whole: { stream: hashStream(), upTo: 0, hex: null },
  };
  return { clock, job, calls };
};

const store = (pieces: readonly Piece[]): void => {
  for (const piece of pieces) piece.state = 'stored';
};

describe('how long a URL is used', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const lifeOf = (minutes: number): number => usableUntil(new Date(now + minutes * MINUTE).toISOString(), now) - now;

  it('is until half a minute before its end', () => {
    expect(lifeOf(5)).toBe(4.5 * MINUTE);
    expect(lifeOf(14)).toBe(13.5 * MINUTE);
  });

  it('is a minute at least and fourteen at most, whatever the clocks say', () => {
    expect([15, 60, 100_000].map(lifeOf)).toEqual([14 * MINUTE, 14 * MINUTE, 14 * MINUTE]);
    expect([1, 0, -100_000].map(lifeOf)).toEqual([MINUTE, MINUTE, MINUTE]);
    expect(usableUntil('tomorrow', now) - now).toBe(MINUTE);
  });
});

describe('cutting pieces', () => {
  const bytes = randomBytes(10 * UNIT + 1000);

  it('ends with the count, with the bytes, or with the file', async () => {
    expect(await cutPieces(jobOf(bytes, UNIT).job, 4, 100 * UNIT)).toHaveLength(4);
    expect(await cutPieces(jobOf(bytes, UNIT).job, 100, 2 * UNIT + 1)).toHaveLength(3);
    expect(await cutPieces(jobOf(bytes, UNIT).job, 100, 100 * UNIT)).toHaveLength(10);
    expect(await cutPieces(jobOf(bytes, UNIT).job, 0, 100 * UNIT)).toEqual([]);
  });

  it('goes on where it ended, and hashes each piece and the whole as it passes', async () => {
    const { job } = jobOf(bytes, UNIT);

    const pieces = [...(await cutPieces(job, 3, 100 * UNIT)), ...(await cutPieces(job, 100, 100 * UNIT))];

    expect(pieces.map(({ offset }) => offset)).toEqual(Array.from({ length: 10 }, (_, index) => index * UNIT));
    for (const { offset, size, sha256: hash } of pieces) expect(hash).toBe(sha256(bytes.slice(offset, offset + size)));
    expect(job.whole.upTo).toBe(bytes.length);
    expect(job.whole.stream.hex()).toBe(sha256(bytes));
  });

  it('takes larger pieces the more is planned before them, on a link that was not cut', async () => {
    const { job } = jobOf(randomBytes(60 * UNIT));
    job.link.roundTrip(20, true);

    const sizes = (await cutPieces(job, 7, 100 * UNIT)).map(({ size }) => size / UNIT);

    expect(sizes).toEqual([1, 1, 1, 1, 2, 3, 4]);
  });

  it('fails when the file has become shorter', async () => {
    const { job } = jobOf(bytes, UNIT);
    const shorter: Job = { ...job, source: { ...job.source, read: () => Promise.resolve(new Uint8Array(10)) } };

    await expect(cutPieces(shorter, 1, UNIT)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  });
});

describe('the URLs of an answer', () => {
  const expiresAt = '2026-03-01T12:10:00Z';
  const now = Date.parse('2026-03-01T12:00:00Z');

  it('go to their pieces, in whatever order they come', async () => {
    const pieces = await cutPieces(jobOf(randomBytes(3 * UNIT), UNIT).job, 3, 3 * UNIT);

    applySigned(pieces, { chunks: pieces.map(orderOf).map(urlOf).reverse(), expiresAt }, now);

    expect(pieces.map(({ signed }) => signed)).toEqual(
      pieces.map(({ offset }) => ({
        ...{ url: `https://storage.example/${offset}`, headers: {}, until: now + 9.5 * MINUTE },
      })),
    );
  });

  it.each<[string, (chunks: readonly ChunkOrder[]) => readonly ChunkOrder[]]>([
    ['is missing', (chunks) => chunks.slice(1)],
    ['is of another size', ([first, ...rest]) => [{ ...first!, size: first!.size - 1 }, ...rest]],
  ])('are a bad answer when one %s', async (_, change) => {
    const pieces = await cutPieces(jobOf(randomBytes(3 * UNIT), UNIT).job, 3, 3 * UNIT);
    const chunks = change(pieces.map(orderOf)).map(urlOf);

    expect(() => applySigned(pieces, { chunks, expiresAt }, now)).toThrow(
      expect.objectContaining({ code: 'BAD_ANSWER' }),
    );
  });
});

describe('signing ahead', () => {
  const large = randomBytes(120 * UNIT);
  const begun = async () => {
    const made = jobOf(large, UNIT);
    const signer = createSigner(made.job, ticket);
    const first = signer.ahead(never);
    await settled();
    return { ...made, signer, first };
  };

  it('is one call at a time', async () => {
    const { calls, signer, first } = await begun();

    const second = signer.ahead(never);
    await settled();

    expect(second).toBe(first);
    expect(calls).toHaveLength(1);
  });

  it('signs four, then twice as many each time, up to 32', async () => {
    const { calls, signer, job, first } = await begun();
    await calls[0]!.answer();
    await first;
    for (let n = 1; n < 6; n++) {
      store(job.ledger.inState('waiting'));
      const next = signer.ahead(never);
      await settled();
      await calls[n]!.answer();
      await next;
    }

    expect(calls.map(({ chunks }) => chunks.length)).toEqual([4, 8, 16, 32, 32, 28]);
    expect(new Set(calls.flatMap(({ chunks }) => chunks.map(({ offset }) => offset))).size).toBe(120);
  });

  it('waits until little that is signed is left, and is over when all is planned', async () => {
    const { calls, signer, job } = await begun();
    await calls[0]!.answer();
    expect(signer.ahead(never)).toBeUndefined();

    store(job.ledger.inState('waiting').slice(0, 2));
    expect(signer.ahead(never)).toBeDefined();

    store([job.ledger.add({ offset: 0, size: large.length })]);
    await settled();
    await calls[1]!.answer();
    store(job.ledger.inState('waiting'));
    expect(signer.ahead(never)).toBeUndefined();
  });

  it('signs those anew whose URLs have ended, with the hashes they have', async () => {
    const { calls, signer, job, clock } = await begun();
    await calls[0]!.answer();
    store(job.ledger.inState('waiting').slice(0, 1));
    await clock.pass(14 * MINUTE + 1);

    const again = signer.ahead(never);
    await settled();
    await calls[1]!.answer();
    await again;

    expect(calls[1]!.chunks.slice(0, 3)).toEqual(calls[0]!.chunks.slice(1));
    expect(job.ledger.inState('waiting').every(({ signed }) => signed!.until > clock.now())).toBe(true);
  });

  it('tells what went wrong, and signs the same pieces at the next call', async () => {
    const { calls, signer, first } = await begun();
    const failure = expect(first).rejects.toThrow('refused');
    await calls[0]!.fail(new Error('refused'));
    await failure;

    void signer.ahead(never);
    await settled();

    expect(calls[1]!.chunks).toEqual(calls[0]!.chunks);
  });

  it('says that the first bytes are judged once they are', async () => {
    const { calls, signer, job } = await begun();
    await calls[0]!.answer({ judged: true });
    store(job.ledger.inState('waiting'));

    void signer.ahead(never);
    await settled();

    expect(calls.map(({ judged }) => judged)).toEqual([undefined, true]);
  });
});
