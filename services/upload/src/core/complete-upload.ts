import { DarkroomError, expected } from '@darkroom/runtime/errors';
import { originalKey } from '@darkroom/types/keys';
import type { UploadClaims } from '@darkroom/types/tokens';
import type { StoredChunk } from '../ports.ts';
import { type AssemblePorts, type Assembled, assemble, type Wanted } from './assemble.ts';
import { requireListed } from './chunk-orders.ts';
import { type PartsUpload, requireParts } from './instructions.ts';
import { bareEtag, type CompletedPart, partRange, range } from './parts.ts';

/** An answer names at most so many parts: a client that lost more of them asks for the list. */
const MAX_NAMED_PARTS = 100;

const incomplete = ({ plan }: PartsUpload, missing: readonly number[]): DarkroomError => {
  const named = missing.slice(0, MAX_NAMED_PARTS);
  const more = missing.length > named.length ? ` and ${missing.length - named.length} more` : '';
  return new DarkroomError('UPLOAD_INCOMPLETE', `parts are missing; send them again: ${named.join(', ')}${more}`, {
    details: named.map((partNumber) => ({ path: `parts.${partNumber}`, message: 'missing' })),
    resend: named.map((partNumber) => partRange(plan, partNumber)),
  });
};

/**
 * The parts a client names, by number and with bare ETags. The same part named twice alike counts once.
 * Throws INVALID_REQUEST for a number outside the plan or two ETags for one number.
 */
export const normaliseParts = (upload: PartsUpload, named: readonly CompletedPart[]): Map<number, string> => {
  const { partCount } = upload.plan;
  const parts = new Map<number, string>();
  for (const { partNumber, etag } of named) {
    if (partNumber > partCount)
      throw new DarkroomError('INVALID_REQUEST', expected(`part numbers up to ${partCount}`, 'body.parts', partNumber));
    const held = parts.get(partNumber);
    const bare = bareEtag(etag);
    if (held !== undefined && held !== bare)
      throw new DarkroomError('INVALID_REQUEST', `expected one ETag for part ${partNumber} but received two`);
    parts.set(partNumber, bare);
  }
  return parts;
};

/** Numbers from 1 to `partCount` that storage does not hold with the ETag that the client names, and the size of the plan. */
export const missingParts = (
  { plan }: PartsUpload,
  named: ReadonlyMap<number, string>,
  stored: readonly StoredChunk[],
): number[] => {
  const held = new Map(stored.map((chunk) => [chunk.offset, chunk]));
  return range(1, plan.partCount).filter((partNumber) => {
    const { offset, size } = partRange(plan, partNumber);
    const chunk = held.get(offset);
    return chunk?.size !== size || named.get(partNumber) !== bareEtag(chunk.etag);
  });
};

/**
 * Makes the original of the parts that a client names by their ETags. Safe to repeat: once the object is there, every further call
 * answers the same. Throws CONFLICT for an upload that is not in parts, INVALID_REQUEST, UPLOAD_INCOMPLETE (naming the parts), and
 * what `assemble` throws.
 */
export const completeParts = async (
  ports: AssemblePorts,
  claims: UploadClaims,
  named: readonly CompletedPart[],
): Promise<Assembled> => {
  const upload = requireParts(claims);
  const parts = normaliseParts(upload, named);
  const numbers = range(1, upload.plan.partCount);
  const unnamed = numbers.filter((partNumber) => !parts.has(partNumber));
  if (unnamed.length > 0) throw incomplete(upload, unnamed);
  const stored = await ports.listChunks(claims.imageId);
  const missing = missingParts(upload, parts, stored);
  // Nothing may be missing but because it has been made into the original.
  if (missing.length > 0 && (await ports.head(originalKey(claims.imageId))) === undefined)
    throw incomplete(upload, missing);
  return assemble(ports, claims, { parts: numbers.map((partNumber) => partRange(upload.plan, partNumber)) });
};

/**
 * Makes the original of whatever chunks are in storage. Throws INVALID_REQUEST for chunks outside the file, and what `assemble`
 * throws.
 */
export const completeChunks = async (
  ports: AssemblePorts,
  claims: UploadClaims,
  wanted: Pick<Wanted, 'sha256' | 'chunks'>,
): Promise<Assembled> => {
  requireListed(wanted.chunks ?? [], claims.size);
  return assemble(ports, claims, wanted);
};
