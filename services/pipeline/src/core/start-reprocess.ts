import { imageIdSchema, tenantSchema } from '@darkroom/types/ids';
import * as z from 'zod';
import { isOutdated, type VersionState } from './redevelop-plan.ts';

/** Most ids that one call may name: they fit into Lambda's event many times over. */
const MOST_IDS = 1_000;
/** Ids that are looked at together: what DynamoDB gives in one batch. */
const PAGE = 100;
/** With less time left no other page is begun, in milliseconds. */
const RESERVE_MS = 10_000;

/** What an operator asks for: all images of a tenant, oldest first, or the given ones of them. */
export const startReprocessSchema = z.strictObject({
  tenant: tenantSchema,
  imageIds: z.array(imageIdSchema).min(1).max(MOST_IDS).optional(),
  /** `next` of the call before: goes on after this image. */
  after: imageIdSchema.optional(),
  /** Images to queue in this call at most, about. */
  maximum: z.int().min(1).max(1_000_000).default(20_000),
});
export type StartReprocess = z.output<typeof startReprocessSchema>;

export interface Started {
  /** Images that were looked at. */
  readonly examined: number;
  /** Images that are not up to date, and are on the queue now. */
  readonly queued: number;
  /** `after` of the call that goes on; null at the end. */
  readonly next: string | null;
}

export interface KnownImage extends VersionState {
  readonly imageId: string;
  readonly tenant: string;
}

export interface StartPorts {
  /** Ids of a tenant's images after one, oldest first, at most `limit`; none at the end. */
  readonly idsAfter: (tenant: string, after: string | undefined, limit: number) => Promise<readonly string[]>;
  /** What the catalogue knows of these images, at most 100; missing ones are left out. */
  readonly statesOf: (imageIds: readonly string[]) => Promise<readonly KnownImage[]>;
  readonly enqueue: (imageIds: readonly string[]) => Promise<void>;
  readonly remainingMs: () => number;
  readonly ladderRevision: number;
}

/** The next ids to look at: of the tenant's list, or of the given ones in the same order. */
const pageOf = (ports: StartPorts, { tenant, imageIds }: StartReprocess, after: string | undefined) => {
  if (imageIds === undefined) return ports.idsAfter(tenant, after, PAGE);
  const sorted = [...new Set(imageIds)].sort();
  return Promise.resolve(sorted.filter((id) => after === undefined || id > after).slice(0, PAGE));
};

/**
 * Puts the images of a tenant that are served under the version of another ladder on the reprocess queue, page by page, until all
 * are looked at, `maximum` are queued, or time is short; then `next` says where to go on. Safe to repeat from any point: an
 * image that is queued twice is rendered once. Throws what the ports throw; a page is queued before the next one is read.
 */
export const startReprocess = async (ports: StartPorts, order: StartReprocess): Promise<Started> => {
  let [examined, queued] = [0, 0];
  let { after } = order;
  do {
    const ids = await pageOf(ports, order, after);
    const last = ids.at(-1);
    if (last === undefined) return { examined, queued, next: null };
    const states = await ports.statesOf(ids);
    const outdated = states
      .filter((image) => image.tenant === order.tenant && isOutdated(image, ports.ladderRevision))
      .map(({ imageId }) => imageId);
    if (outdated.length > 0) await ports.enqueue(outdated);
    examined += ids.length;
    queued += outdated.length;
    after = last;
  } while (queued < order.maximum && ports.remainingMs() > RESERVE_MS);
  return { examined, queued, next: after };
};
