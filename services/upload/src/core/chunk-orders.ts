import { DarkroomError } from '@darkroom/runtime/errors';
import type { ByteRange, ChunkOrder, SignedChunk } from '@darkroom/types/api';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { Clock, SignChunk } from '../ports.ts';
import { endOf } from './chunk-plan.ts';
import { instant, type UploadPolicy } from './policy.ts';

/** A client may list bytes more than once after a change of sizes; more often than so is no list but work for its own sake. */
const MAX_TIMES_LISTED = 4;

interface Detail {
  readonly path: string;
  readonly message: string;
}
type Rule = readonly [broken: (order: ByteRange) => boolean, field: keyof ByteRange, message: string];

const refuse = (details: readonly Detail[]): void => {
  const [first] = details;
  if (first !== undefined)
    throw new DarkroomError('INVALID_REQUEST', `body.${first.path}: ${first.message}`, { details });
};

/** The first rule that each order breaks. */
const broken = (orders: readonly ByteRange[], rules: readonly Rule[]): Detail[] =>
  orders.flatMap((order, index) => {
    const rule = rules.find(([isBroken]) => isBroken(order));
    return rule === undefined ? [] : [{ path: `chunks.${index}.${rule[1]}`, message: rule[2] }];
  });

const withinFile = (size: number): readonly Rule[] => [
  [({ offset }) => offset >= size, 'offset', `must be below the file's ${size} bytes`],
  [(order) => endOf(order) > size, 'size', `must end within the file's ${size} bytes`],
];

/**
 * Checks chunks that are to be signed: on the grid, of whole units unless they end the file, within the file and the largest size.
 * The grid bounds how many objects an upload can leave. Throws INVALID_REQUEST with an entry for every wrong one.
 */
export const requireOrders = (
  orders: readonly ByteRange[],
  size: number,
  { chunkUnitBytes: unit, maxChunkBytes }: Pick<UploadPolicy, 'chunkUnitBytes' | 'maxChunkBytes'>,
): void =>
  refuse(
    broken(orders, [
      [({ offset }) => offset % unit !== 0, 'offset', `must be a multiple of ${unit}`],
      ...withinFile(size),
      [(order) => order.size > maxChunkBytes, 'size', `must be at most ${maxChunkBytes}`],
      [
        (order) => order.size % unit !== 0 && endOf(order) < size,
        'size',
        `must be a multiple of ${unit}, or end the file`,
      ],
    ]),
  );

/** Checks chunks that a client says it has sent. Throws INVALID_REQUEST for any outside the file, or when they are far too many. */
export const requireListed = (orders: readonly ByteRange[], size: number): void => {
  refuse(broken(orders, withinFile(size)));
  const total = orders.reduce((sum, order) => sum + order.size, 0);
  if (total > size * MAX_TIMES_LISTED)
    refuse([{ path: 'chunks', message: `must not list the file's ${size} bytes more than ${MAX_TIMES_LISTED} times` }]);
};

export interface ChunkSigning {
  readonly signChunk: SignChunk;
  readonly policy: UploadPolicy;
  readonly now: Clock;
}

/** Signs chunks of an upload, in the order given. Computes only. Throws INVALID_REQUEST as `requireOrders` does. */
export const signChunks = async (
  { signChunk, policy, now }: ChunkSigning,
  { imageId, size: fileSize }: Pick<UploadClaims, 'imageId' | 'size'>,
  orders: readonly ChunkOrder[],
): Promise<{ chunks: SignedChunk[]; expiresAt: string }> => {
  requireOrders(orders, fileSize, policy);
  const expiresInSeconds = policy.presignedSeconds;
  // Taken before the signatures are made, so that no URL ends earlier than the answer says.
  const expiresAt = instant(now() + expiresInSeconds * 1000);
  const sign = async ({ offset, size, sha256 }: ChunkOrder): Promise<SignedChunk> => ({
    offset,
    size,
    ...(await signChunk({ imageId, offset, size, sha256, expiresInSeconds })),
  });
  return { chunks: await Promise.all(orders.map(sign)), expiresAt };
};
