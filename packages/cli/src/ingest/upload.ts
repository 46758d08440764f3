import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ApiClient } from '../api/client.ts';
import { ApiError } from '../api/client.ts';
import type { SourceFile } from './collect.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { sendBytes } from './send.ts';

/** `sent`: storage has the bytes, wait for the verdict. `refused`: the API said no before any byte was sent. */
export type UploadOutcome =
  | { readonly kind: 'sent'; readonly entry: JournalEntry }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

interface Loaded {
  readonly file: SourceFile;
  readonly bytes: Buffer;
  readonly sha256: string;
}

interface Uploader {
  readonly api: ApiClient;
  readonly journal: Journal;
}

const create = async ({ api, journal }: Uploader, { file, bytes, sha256 }: Loaded): Promise<JournalEntry> => {
  const created = await api.createUpload({
    size: bytes.length,
    contentType: file.contentType,
    filename: file.name.slice(-255),
    sha256,
  });
  const entry: JournalEntry = {
    path: file.path,
    sha256,
    imageId: created.imageId,
    uploadToken: created.uploadToken,
    state: 'created',
  };
  // Written before the first byte leaves: after a crash the same image id is used again, so nothing is there twice.
  journal.record(entry);
  await sendBytes(created.upload, bytes, { api, imageId: entry.imageId, uploadToken: entry.uploadToken });
  return entry;
};

/** Goes on with an upload that an earlier run began. Undefined when its token has ended, or the upload is gone. */
const resume = async ({ api }: Uploader, entry: JournalEntry, bytes: Buffer): Promise<JournalEntry | undefined> => {
  try {
    const upload = await api.resign(entry.imageId, entry.uploadToken);
    await sendBytes(upload, bytes, { api, imageId: entry.imageId, uploadToken: entry.uploadToken });
    return entry;
  } catch (error) {
    if (error instanceof ApiError && [401, 404, 410].includes(error.status)) return undefined;
    throw error;
  }
};

const obtain = async (uploader: Uploader, loaded: Loaded): Promise<JournalEntry> => {
  const { file, bytes, sha256 } = loaded;
  const known = uploader.journal.find(file.path, sha256);
  if (known === undefined) return create(uploader, loaded);
  if ((await uploader.api.image(known.imageId)) !== undefined) return known;
  // Seen done and gone again: somebody deleted it. Otherwise its bytes, or their event, may still be on the way: send again under the same id.
  const resumed = known.state === 'done' ? undefined : await resume(uploader, known, bytes);
  return resumed ?? create(uploader, loaded);
};

/** Answers of the API that are about the file, not about us. */
const REFUSALS: ReadonlySet<string> = new Set(['EMPTY_FILE', 'TOO_MANY_BYTES', 'UNSUPPORTED_FORMAT']);

/** Uploads one file, or finds that an earlier run did. Throws when the API or storage cannot be reached. */
export const uploadFile = async (uploader: Uploader, file: SourceFile): Promise<UploadOutcome> => {
  // S3 and the API both refuse an empty file; asking them would say the same.
  if (file.size === 0) return { kind: 'refused', code: 'EMPTY_FILE', message: 'the file has no bytes' };
  const bytes = await readFile(file.path);
  try {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const entry = await obtain(uploader, { file, bytes, sha256 });
    if (entry.state === 'created') uploader.journal.record({ ...entry, state: 'sent' });
    return { kind: 'sent', entry };
  } catch (error) {
    if (error instanceof ApiError && REFUSALS.has(error.apiCode))
      return { kind: 'refused', code: error.apiCode, message: error.message };
    throw error;
  }
};
