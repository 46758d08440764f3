import type { Upload, Uploader, UploadProgress, UploadResult, UploadSource } from '../contract.ts';
import { asError, expected, UploadError } from '../core/errors.ts';
import type { UppyFileLike, UppyLike } from './types.ts';

/** What one run of the plugin shares between its files. */
export interface Desk {
  readonly uppy: UppyLike;
  readonly uploader: Uploader;
  /** Uploads under way, by Uppy's id of their file. */
  readonly underWay: Map<string, Upload>;
  readonly urlOf: (imageId: string) => string | undefined;
}

/** Uppy rounds to whole percent and takes no progress of a file after 100: a connection that fails at the end would freeze it there. */
const SHOWN_BEFORE_THE_END = 0.99;

/** The same file is the same again after a reload; an edited one (its size is another then) is not. */
export const fingerprintOf = (uppy: UppyLike, file: UppyFileLike, size: number): string =>
  `uppy/${uppy.getID()}/${file.id}/${size}`;

/** Throws UNSUPPORTED_SOURCE for a file whose bytes are not here. */
const sourceOf = (uppy: UppyLike, file: UppyFileLike): UploadSource => {
  const { data } = file;
  if (file.isRemote === true)
    throw new UploadError(
      'UNSUPPORTED_SOURCE',
      expected('a file of this device', file.name ?? file.id, 'one that lies with a provider and needs Companion'),
    );
  if (!(data instanceof Blob))
    throw new UploadError('UNSUPPORTED_SOURCE', expected('its bytes', file.name ?? file.id, typeof data));
  const name = file.meta?.name ?? file.name;
  return {
    size: data.size,
    type: file.type ?? data.type,
    name: typeof name === 'string' ? name : null,
    fingerprint: fingerprintOf(uppy, file, data.size),
    // Golden Retriever keeps the bytes over a reload, so the store of the client need not: there is no `blob` here.
    read: async (start, end) => new Uint8Array(await data.slice(start, end).arrayBuffer()),
  };
};

const showProgress = (uppy: UppyLike, id: string, progress: UploadProgress): void => {
  const file = uppy.getFile(id);
  if (file === undefined) return;
  const { state, sentBytes, totalBytes } = progress;
  const atEnd = state === 'completing' || state === 'done';
  uppy.emit('upload-progress', file, {
    uploadStarted: file.progress.uploadStarted ?? 0,
    bytesUploaded: atEnd ? totalBytes : Math.min(sentBytes, Math.floor(totalBytes * SHOWN_BEFORE_THE_END)),
    bytesTotal: totalBytes,
  });
};

const succeed = ({ uppy, urlOf }: Desk, id: string, result: UploadResult): void => {
  const { imageId, size, sha256, resumed } = result;
  uppy.emit('upload-success', uppy.getFile(id), {
    status: 200,
    uploadURL: urlOf(imageId),
    body: { imageId, size, sha256, resumed },
  });
};

const fail = (uppy: UppyLike, id: string, thrown: unknown): void => {
  const file = uppy.getFile(id);
  // Removed while it was under way: it was cancelled, and nobody waits for it.
  if (file === undefined) return;
  const error = asError(thrown);
  const { code = 'INTERNAL', status = null, requestId = null } = error as Partial<UploadError>;
  uppy.emit('upload-error', file, error, { status: status ?? 0, body: { code, requestId } });
};

/** Sends one file and tells Uppy how it goes, in the events that its own uploaders use. Never rejects: a failure is an event. */
export const uploadFile = async (desk: Desk, file: UppyFileLike): Promise<void> => {
  const { uppy, uploader, underWay } = desk;
  let unsubscribe: (() => void) | undefined;
  try {
    const upload = uploader.add(sourceOf(uppy, file));
    underWay.set(file.id, upload);
    if (file.isPaused === true) upload.pause();
    unsubscribe = upload.subscribe((progress) => showProgress(uppy, file.id, progress));
    const result = await upload.done;
    if (uppy.getFile(file.id) !== undefined) succeed(desk, file.id, result);
  } catch (error) {
    fail(uppy, file.id, error);
  } finally {
    unsubscribe?.();
    underWay.delete(file.id);
  }
};
