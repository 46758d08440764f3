import { fileSource, type ResumeStore, UploadError, type Uploader, type UploadSource } from '@darkroom/client/node';
import { type RejectCode, rejectCodes } from '@darkroom/types/codes';
import type { ApiClient } from '../api/client.ts';
import type { SourceFile } from './collect.ts';
import { hashFile } from './hash.ts';
import { fingerprintOf, type Journal, type JournalEntry } from './journal.ts';

/** `sent`: storage has the bytes, wait for the verdict. `refused`: the API said no, before the first byte or after the first 64 KiB. */
export type UploadOutcome =
  | { readonly kind: 'sent'; readonly entry: JournalEntry; readonly earlier: boolean }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface Sender {
  readonly api: Pick<ApiClient, 'image'>;
  readonly uploader: Pick<Uploader, 'add'>;
  readonly journal: Journal;
  /** The journal as `uploader` has it. */
  readonly store: Pick<ResumeStore, 'remove'>;
  /** The same bytes under another path are the same image. */
  readonly anyPath: boolean;
  /** Bytes of a file that are in storage or on the way there. */
  readonly onBytes?: (file: SourceFile, bytes: number) => void;
}

/** A file that has been read once. */
export interface HashedFile {
  readonly file: SourceFile;
  readonly sha256: string;
  /** Refuses to be read when the file is not as it was before it was hashed. */
  readonly source: UploadSource;
}

/** Longest name the API takes, in characters; the end of a long path tells more than its start. */
const NAME_LENGTH = 255;

/** Rejects when the file cannot be read, or when `signal` aborts. */
export const prepareFile = async (file: SourceFile, signal: AbortSignal): Promise<HashedFile> => {
  const source = await fileSource(file.path, { type: file.contentType, name: file.name.slice(-NAME_LENGTH) });
  return { file, source, sha256: await hashFile(file.path, signal) };
};

/**
 * Answers that are about the file, not about us. A checksum that does not match is not: the bytes changed on their way, or while they
 * were read, and may be sent again.
 */
const isRefusal = (code: string): code is RejectCode =>
  code !== 'CHECKSUM_MISMATCH' && Object.hasOwn(rejectCodes, code);

/** By the client: it goes on with what the journal remembers under this fingerprint, or begins anew. */
const send = async (sender: Sender, { file, source, sha256 }: HashedFile): Promise<JournalEntry> => {
  const { uploader, journal, onBytes } = sender;
  const key = { sha256, path: file.path };
  const upload = uploader.add({ ...source, fingerprint: fingerprintOf(key) });
  const unsubscribe = upload.subscribe(({ sentBytes }) => onBytes?.(file, sentBytes));
  try {
    const { imageId } = await upload.done;
    const entry: JournalEntry = {
      uploadToken: '',
      ...journal.find(key, sender.anyPath),
      ...key,
      imageId,
      state: 'sent',
    };
    journal.record(entry);
    return entry;
  } finally {
    unsubscribe();
  }
};

/** The upload of these bytes that an earlier run made, when the catalogue still has its image. */
const findEarlier = async (sender: Sender, { file, sha256 }: HashedFile): Promise<JournalEntry | undefined> => {
  const key = { sha256, path: file.path };
  const known = sender.journal.find(key, sender.anyPath);
  if (known === undefined) return undefined;
  if ((await sender.api.image(known.imageId)) !== undefined) return known;
  // Seen done and gone again: somebody deleted it, so this is a new upload. Otherwise its bytes, or their event, may still be on the way.
  if (known.state === 'done') await sender.store.remove(fingerprintOf(key));
  return undefined;
};

/**
 * Uploads one file, or finds that an earlier run did. Rejects with an `UploadError` when the API or storage cannot be reached for as
 * long as the uploader is patient, and when the file changes or goes.
 */
export const uploadFile = async (sender: Sender, hashed: HashedFile): Promise<UploadOutcome> => {
  try {
    const earlier = await findEarlier(sender, hashed);
    if (earlier !== undefined) return { kind: 'sent', entry: earlier, earlier: true };
    return { kind: 'sent', entry: await send(sender, hashed), earlier: false };
  } catch (error) {
    if (error instanceof UploadError && isRefusal(error.code))
      return { kind: 'refused', code: error.code, message: error.message };
    throw error;
  }
};
