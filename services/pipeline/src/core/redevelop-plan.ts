import { variantVersion } from '@darkroom/runtime/version';
import type { ImageHeader, ImageMetadata, ImageRecord } from '@darkroom/types/image';
import type { ImageTask } from '@darkroom/types/workflow';
import { taskOf } from './claim.ts';

/** One image on its way through the state machine of redevelopment. */
export interface RedevelopTask {
  readonly task: ImageTask;
  readonly header: ImageHeader;
  /** As it is in the record, under the new version. */
  readonly metadata: ImageMetadata;
  /** The version that is served until the new one is whole. */
  readonly replaces: string;
}

/** What of a record decides whether its image is to be rendered again. */
export interface VersionState {
  readonly status: ImageRecord['status'];
  readonly metadata: Pick<ImageMetadata, 'sha256' | 'version'> | null;
}

/** True for an image that is served under the version of another ladder. */
export const isOutdated = ({ status, metadata }: VersionState, ladderRevision: number): boolean =>
  status === 'READY' && metadata !== null && metadata.version !== variantVersion(metadata.sha256, ladderRevision);

/** What is to be done for an image, or undefined when nothing is: it is up to date, not READY, or not there. */
export const planRedevelop = (record: ImageRecord | undefined, ladderRevision: number): RedevelopTask | undefined => {
  if (record === undefined || !isOutdated(record, ladderRevision)) return undefined;
  const { header, metadata } = record;
  if (header === null || metadata === null) return undefined;
  const version = variantVersion(metadata.sha256, ladderRevision);
  return { task: taskOf(record, null), header, metadata: { ...metadata, version }, replaces: metadata.version };
};
