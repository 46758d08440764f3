import * as z from 'zod';
import { reasonSchema } from './codes.ts';
import { imageIdSchema, instantSchema, ownerSchema, tenantSchema, versionSchema } from './ids.ts';
import { familySchema, tierSchema, variantFormatSchema } from './ladder.ts';

export const sourceFormatSchema = z.enum(['jpeg', 'png', 'webp', 'avif', 'gif', 'heic']);
export type SourceFormat = z.infer<typeof sourceFormatSchema>;

/** What the header tells before anything is decoded. */
export const imageHeaderSchema = z.strictObject({
  format: sourceFormatSchema,
  /** Pixels as stored, before orientation is applied. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** EXIF orientation 1 to 8; 1 when absent, invalid, or already applied by the container (AVIF, HEIC). */
  orientation: z.int().min(1).max(8),
  frames: z.int().positive(),
  /** Progressive JPEG, interlaced PNG. */
  progressive: z.boolean(),
  hasAlpha: z.boolean(),
  channels: z.int().positive(),
});
export type ImageHeader = z.infer<typeof imageHeaderSchema>;

/** EXIF that is worth keeping. Location is dropped and has no field here. */
export const exifSchema = z.strictObject({
  /** Local time of the camera, `2024-05-01T12:00:00`; with `+02:00` when the camera wrote its offset. */
  takenAt: z.string().nullable(),
  make: z.string().max(64).nullable(),
  model: z.string().max(64).nullable(),
  orientation: z.int().min(1).max(8),
});
export type Exif = z.infer<typeof exifSchema>;

/** How a photograph was taken: EXIF 2.32, table 7. What the camera did not write, or wrote as nonsense, is null. */
export const captureSchema = z.strictObject({
  lens: z.string().max(64).nullable(),
  exposureSeconds: z.number().positive().nullable(),
  fNumber: z.number().positive().nullable(),
  iso: z.int().positive().nullable(),
  /** Millimetres, as built and as it would be on 35 mm film. */
  focalLength: z.number().positive().nullable(),
  focalLength35: z.number().positive().nullable(),
  flash: z.boolean().nullable(),
});
export type Capture = z.infer<typeof captureSchema>;

/** Whose picture it is and what it shows, from IPTC-IIM, XMP and EXIF, in that order. Plain text without control characters. */
export const creditSchema = z.strictObject({
  title: z.string().max(256).nullable(),
  caption: z.string().max(2000).nullable(),
  creator: z.string().max(256).nullable(),
  copyright: z.string().max(256).nullable(),
  credit: z.string().max(256).nullable(),
  keywords: z.array(z.string().max(64)).max(32),
});
export type Credit = z.infer<typeof creditSchema>;

/** Where it was taken, in degrees (WGS 84): only when the tenant's policy says so; `coarse` keeps one decimal, about 11 km. */
export const placeSchema = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});
export type Place = z.infer<typeof placeSchema>;

/** Hints for sorting, measured on the preview; not a judgement of the photograph. */
export const lookSchema = z.strictObject({
  /** 0 (blurred) to 1 (crisp). */
  sharpness: z.number().min(0).max(1),
  /** Mean luma, 0 to 1. */
  brightness: z.number().min(0).max(1),
  exposure: z.enum(['under', 'normal', 'over']),
});
export type Look = z.infer<typeof lookSchema>;

/** The point that a crop should keep, as shares of width and height from the upper left corner of the upright picture. */
export const focusSchema = z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) });
export type Focus = z.infer<typeof focusSchema>;

export const tagSchema = z.strictObject({ name: z.string().max(64), score: z.number().min(0).max(1) });
export type Tag = z.infer<typeof tagSchema>;

/** What a moderation model said, and what the tenant's policy made of it. */
export const moderationSchema = z.strictObject({
  verdict: z.enum(['allowed', 'review', 'refused']),
  /** Category → 0 to 1, as the model names them. */
  scores: z.record(z.string().max(64), z.number().min(0).max(1)),
  /** Name and version of the model that decided. */
  model: z.string().max(64),
});
export type Moderation = z.infer<typeof moderationSchema>;

/** What a person decided about an image that was held back. It holds for these bytes only. */
export const reviewSchema = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  at: instantSchema,
  /** Of the original that was looked at, without quotes. */
  etag: z.string(),
  /** The attempt that the decision was written under. Attempts after an approval are counted from here. */
  attempt: z.int().positive(),
});
export type Review = z.infer<typeof reviewSchema>;

export const imageMetadataSchema = z.strictObject({
  /** Lower-case hex SHA-256 of the original's bytes. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  version: versionSchema,
  /** 64-bit perceptual hash (dHash) as 16 hex digits; a Hamming distance under 10 means the same picture. */
  perceptualHash: z.string().regex(/^[0-9a-f]{16}$/),
  /** Pixels as seen, after orientation is applied. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** `#rrggbb`. */
  dominantColour: z.string().regex(/^#[0-9a-f]{6}$/),
  /** ThumbHash, base64: about 21 bytes that a client turns into a blurred preview. */
  thumbhash: z.string(),
  hasAlpha: z.boolean(),
  exif: exifSchema,
  // Absent in records of images that were developed before these were read.
  capture: captureSchema.optional(),
  credit: creditSchema.optional(),
  place: placeSchema.optional(),
  /** Up to six colours, `#rrggbb`, the most common first. */
  palette: z
    .array(z.string().regex(/^#[0-9a-f]{6}$/))
    .max(6)
    .optional(),
  look: lookSchema.optional(),
  focus: focusSchema.optional(),
  tags: z.array(tagSchema).max(16).optional(),
  /** How much finer than the average photograph it has to be coded to look as good: about -2 (fog) to 2 (flat colour with fine lines). */
  difficulty: z.number().optional(),
  /** Its colours reach beyond sRGB, so its renditions keep its profile. */
  wideGamut: z.boolean().optional(),
});
export type ImageMetadata = z.infer<typeof imageMetadataSchema>;

export const variantSchema = z.strictObject({
  /** S3 key in the variants bucket; with a leading slash, path on the CDN. */
  key: z.string(),
  family: familySchema,
  tier: tierSchema,
  format: variantFormatSchema,
  /** Pixels of the file itself: equal to or less than the width in the key. */
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().positive(),
});
export type Variant = z.infer<typeof variantSchema>;

/** PROCESSING → READY | REJECTED | REVIEW | FAILED. REVIEW: held back until a person decides. DELETED is a tombstone that late events run into. */
export const imageStatusSchema = z.enum(['PROCESSING', 'READY', 'REJECTED', 'REVIEW', 'FAILED', 'DELETED']);
export type ImageStatus = z.infer<typeof imageStatusSchema>;

/** The catalogue's item for one image. One item an image, written only by conditional single-item writes. */
export const imageRecordSchema = z.object({
  schemaVersion: z.literal(1),
  imageId: imageIdSchema,
  tenant: tenantSchema,
  owner: ownerSchema.nullable(),
  status: imageStatusSchema,
  /** Fencing token: a writer that holds an older attempt changes nothing. Starts at 1. */
  attempt: z.int().positive(),
  /** Of the original: entity tag without quotes, and S3's event sequencer (empty when the server sends none). */
  etag: z.string(),
  sequencer: z.string(),
  bucket: z.string(),
  key: z.string(),
  /** Size of the original in bytes. */
  bytes: z.int().nonnegative(),
  filename: z.string().nullable(),
  declaredType: z.string().nullable(),
  /** When S3 had the bytes. */
  uploadedAt: instantSchema,
  /** When the record last changed. */
  updatedAt: instantSchema,
  /** When it became READY, REJECTED, REVIEW or FAILED. */
  terminalAt: instantSchema.nullable(),
  reason: reasonSchema.nullable(),
  header: imageHeaderSchema.nullable(),
  metadata: imageMetadataSchema.nullable(),
  variants: z.array(variantSchema),
  moderation: moderationSchema.nullish(),
  review: reviewSchema.nullish(),
  /** Only while PROCESSING: who holds the claim and until when (milliseconds since the epoch); keys of the sparse lease index. */
  leaseShard: z.string().optional(),
  leaseUntil: z.int().optional(),
  /** The SQS message that claimed it last and how often that message had been received: its redelivery proves the holder gone. */
  claimMessageId: z.string().optional(),
  claimReceiveCount: z.int().optional(),
  /** Seconds since the epoch: DynamoDB TTL removes tombstones. */
  expiresAt: z.int().optional(),
});
export type ImageRecord = z.infer<typeof imageRecordSchema>;
