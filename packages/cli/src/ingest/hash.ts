import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Bytes read at a time: enough that SHA-256, not the number of reads, sets the pace, and little enough to hold for many files at once. */
const SLICE = 256 * 1024;

/** Lower-case hex SHA-256 of a file, read in slices. Rejects when it cannot be read, or when `signal` aborts. */
export const hashFile = async (path: string, signal?: AbortSignal): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: SLICE }), hash, { ...(signal !== undefined && { signal }) });
  return hash.digest('hex');
};
