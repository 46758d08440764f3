import type { DomainEvent } from '@darkroom/types/events';
import type { ImageRecord } from '@darkroom/types/image';

const base = (record: ImageRecord, at: string) => ({
  schemaVersion: 1 as const,
  imageId: record.imageId,
  tenant: record.tenant,
  owner: record.owner,
  attempt: record.attempt,
  uploadedAt: record.uploadedAt,
  at,
});

const withReason = (record: ImageRecord) => {
  if (record.reason === null) throw new TypeError(`expected a reason for ${record.imageId} but received none`);
  return { ...base(record, record.terminalAt ?? record.updatedAt), reason: record.reason };
};

const readyEvent = (record: ImageRecord): DomainEvent => {
  const { metadata, variants } = record;
  if (metadata === null) throw new TypeError(`expected metadata for ${record.imageId} but received none`);
  const { version, width, height } = metadata;
  const at = record.terminalAt ?? record.updatedAt;
  return { type: 'image.ready', detail: { ...base(record, at), version, width, height, variants } };
};

/** `image.ready` of an image that was READY before under another version. Throws TypeError when it has no metadata. */
export const redevelopedEvent = (record: ImageRecord, replaces: string): DomainEvent => {
  const event = readyEvent(record);
  if (event.type !== 'image.ready') throw new TypeError(`expected image.ready but received ${event.type}`);
  return { type: event.type, detail: { ...event.detail, at: record.updatedAt, replaces } };
};

const reviewEvent = (record: ImageRecord): DomainEvent => {
  const { moderation } = record;
  if (moderation === null || moderation === undefined)
    throw new TypeError(`expected a moderation of ${record.imageId} but received none`);
  return { type: 'image.review', detail: { ...base(record, record.terminalAt ?? record.updatedAt), moderation } };
};

/** `image.deleted`: other services delete what they hold of the image. `at` is an ISO instant. */
export const deletedEvent = (record: ImageRecord, at: string): DomainEvent => ({
  type: 'image.deleted',
  detail: {
    ...base(record, at),
    bucket: record.bucket,
    key: record.key,
    version: record.metadata?.version ?? null,
  },
});

/**
 * The event that tells of a record's present state, built from the record alone, so that a repeat says the same.
 * Undefined while PROCESSING. Throws TypeError when the record lacks what its state promises.
 */
export const eventOf = (record: ImageRecord): DomainEvent | undefined => {
  switch (record.status) {
    case 'PROCESSING':
      return undefined;
    case 'READY':
      return readyEvent(record);
    case 'REJECTED':
      return { type: 'image.rejected', detail: withReason(record) };
    case 'FAILED':
      return { type: 'image.failed', detail: withReason(record) };
    case 'REVIEW':
      return reviewEvent(record);
    case 'DELETED':
      return deletedEvent(record, record.updatedAt);
  }
};
