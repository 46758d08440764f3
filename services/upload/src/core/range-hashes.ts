import { createHash, type Hash } from 'node:crypto';
import type { ChunkOrder } from '@darkroom/types/api';
import { endOf } from './chunk-plan.ts';

/** Hashes a file that passes by from its beginning. */
export interface FileHashes {
  readonly update: (bytes: Uint8Array) => void;
  /** Listed chunks that have passed by and do not have their hash. */
  readonly wrong: readonly ChunkOrder[];
  /** Lower-case hex SHA-256 of all that passed by. Ends the work. */
  readonly whole: () => string;
}

interface Open {
  readonly order: ChunkOrder;
  readonly hash: Hash;
}

/** Takes the SHA-256 of a whole file and of every chunk that a client listed, in one pass. Listed chunks may overlap. */
export const createFileHashes = (listed: readonly ChunkOrder[]): FileHashes => {
  const orders = [...listed].sort((a, b) => a.offset - b.offset);
  const all = createHash('sha256');
  const wrong: ChunkOrder[] = [];
  let open: Open[] = [];
  let next = 0;
  let at = 0;
  const openUpTo = (end: number): void => {
    for (let order = orders[next]; order !== undefined && order.offset < end; order = orders[++next])
      open.push({ order, hash: createHash('sha256') });
  };
  return {
    wrong,
    update: (bytes) => {
      const end = at + bytes.length;
      all.update(bytes);
      openUpTo(end);
      for (const { order, hash } of open)
        hash.update(bytes.subarray(Math.max(order.offset, at) - at, Math.min(endOf(order), end) - at));
      const closed = open.filter(({ order }) => endOf(order) <= end);
      for (const { order, hash } of closed) if (hash.digest('hex') !== order.sha256) wrong.push(order);
      if (closed.length > 0) open = open.filter(({ order }) => endOf(order) > end);
      at = end;
    },
    whole: () => all.digest('hex'),
  };
};
