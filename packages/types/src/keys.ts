import { type ImageId, imageIdSchema, versionSchema } from './ids.ts';
import { ladder, type Tier, type VariantFormat, widthsOf } from './ladder.ts';

/** FNV-1a, 32 bit (draft-eastlake-fnv): cheap, dependency-free and evenly spread; nothing here needs a cryptographic hash. */
const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
};

/** Two hex digits that spread image ids over 256 S3 key prefixes (S3 scales request rates by prefix). */
export const shardOf = (imageId: ImageId): string => (fnv1a(imageId) & 0xff).toString(16).padStart(2, '0');

/** `originals/{shard}/{imageId}/source`: the one key an original ever has. */
export const originalKey = (imageId: ImageId): string => `originals/${shardOf(imageId)}/${imageId}/source`;

const ORIGINAL_KEY = /^originals\/([0-9a-f]{2})\/([0-9A-Z]{26})\/source$/;

/** The image id in an original's key, or undefined for any other key (including one with a shard that is not its own). */
export const parseOriginalKey = (key: string): ImageId | undefined => {
  const [, shard, imageId] = ORIGINAL_KEY.exec(key) ?? [];
  if (imageId === undefined || !imageIdSchema.safeParse(imageId).success) return undefined;
  return shard === shardOf(imageId) ? imageId : undefined;
};

/**
 * `developed/{shard}/{imageId}/source`, in the bucket of the originals: a HEIC original as an upright JPEG, or PNG with its
 * transparency, without metadata but its colour profile, from which everything with pixels is made. It lives and dies with its original.
 */
export const developedKey = (imageId: ImageId): string => `developed/${shardOf(imageId)}/${imageId}/source`;

/** `staging/{imageId}/{offset}`: where the bytes of an upload from `offset` on wait until all have come; see `assemble` in services/upload. */
export const stagingKey = (imageId: ImageId, offset: number): string => `${stagingPrefix(imageId)}${offset}`;

/** What the keys of all chunks of one upload begin with. */
export const stagingPrefix = (imageId: ImageId): string => `staging/${imageId}/`;

const STAGING_KEY = /^staging\/([0-9A-Z]{26})\/(0|[1-9]\d{0,11})$/;

/** Image id and byte offset of a chunk's key, or undefined for any other key. */
export const parseStagingKey = (key: string): { imageId: ImageId; offset: number } | undefined => {
  const [, imageId, offset] = STAGING_KEY.exec(key) ?? [];
  if (imageId === undefined || !imageIdSchema.safeParse(imageId).success) return undefined;
  return { imageId, offset: Number(offset) };
};

export interface VariantName {
  readonly imageId: ImageId;
  readonly version: string;
  /** A width that the ladder has for the tier, in pixels. The file may be narrower when the original is. */
  readonly width: number;
  readonly tier: Tier;
  readonly format: VariantFormat;
}

/** `v/{imageId}/{version}/{width}-{tier}.{format}`: S3 key and, with a leading slash, CDN path. Never changes meaning. */
export const variantKey = ({ imageId, version, width, tier, format }: VariantName): string =>
  `v/${imageId}/${version}/${width}-${tier}.${format}`;

const VARIANT_KEY = /^v\/([0-9A-Z]{26})\/([0-9a-f]{12})\/([1-9]\d{0,4})-([nls])\.(avif|webp|jpeg)$/;

/** The parts of a variant's key, or undefined when it is not one, or names a width that the ladder does not have for its tier. */
export const parseVariantKey = (key: string): VariantName | undefined => {
  const [, imageId, version, width, tier, format] = VARIANT_KEY.exec(key) ?? [];
  if (!imageIdSchema.safeParse(imageId).success || !versionSchema.safeParse(version).success) return undefined;
  const name = { imageId, version, width: Number(width), tier, format } as VariantName;
  return widthsOf(ladder, name.tier).includes(name.width) ? name : undefined;
};
