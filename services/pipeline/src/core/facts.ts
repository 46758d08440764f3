import { ownerSchema, tenantSchema } from '@darkroom/types/ids';
import { limits } from '@darkroom/types/limits';
import type { OriginalHead } from '../ports.ts';

/** What the object itself says about the image: everything a record needs that no message carries. */
export interface ImageFacts {
  readonly tenant: string;
  readonly owner: string | null;
  readonly filename: string | null;
  readonly declaredType: string | null;
  readonly announcedSha256: string | null;
  /** Without quotes. */
  readonly etag: string;
  readonly bytes: number;
}

/** The upload API percent-encodes names, since S3 metadata is ASCII; an object put by other means may carry it raw. */
const decodedFilename = (filename: string): string => {
  try {
    return decodeURIComponent(filename);
  } catch {
    // Raw text with a stray `%`: its own best reading.
    return filename;
  }
};

const filenameOf = (filename: string | undefined): string | null => {
  if (filename === undefined || filename === '') return null;
  return decodedFilename(filename).slice(0, limits.upload.maxFilenameLength);
};

/** Facts from HEAD. Metadata that is missing or malformed counts as not given: the image is `defaultTenant`'s, of no owner. */
export const factsOf = (head: OriginalHead, defaultTenant: string): ImageFacts => {
  const { metadata } = head;
  const tenant = tenantSchema.safeParse(metadata['tenant']);
  const owner = ownerSchema.safeParse(metadata['owner']);
  const sha256 = metadata['sha256'] ?? '';
  return {
    tenant: tenant.success ? tenant.data : defaultTenant,
    owner: owner.success ? owner.data : null,
    filename: filenameOf(metadata['filename']),
    declaredType: head.contentType ?? null,
    announcedSha256: /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null,
    etag: head.etag.replace(/^(?:W\/)?"|"$/g, ''),
    bytes: head.bytes,
  };
};
