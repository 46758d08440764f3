import * as z from 'zod';
import { reasonSchema } from './codes.ts';
import { imageIdSchema, instantSchema, ownerSchema, tenantSchema, versionSchema } from './ids.ts';
import { type ImageHeader, imageHeaderSchema, imageMetadataSchema, moderationSchema, variantSchema } from './image.ts';
import { developedKey } from './keys.ts';
import { familySchema } from './ladder.ts';

/** One image on its way through the workflow. */
export const imageTaskSchema = z.strictObject({
  schemaVersion: z.literal(1),
  imageId: imageIdSchema,
  tenant: tenantSchema,
  owner: ownerSchema.nullable(),
  bucket: z.string(),
  key: z.string(),
  /** Bytes of the original. */
  bytes: z.int().nonnegative(),
  etag: z.string(),
  sequencer: z.string(),
  /** The claim's attempt number: every write downstream is conditional on it. */
  attempt: z.int().positive(),
  filename: z.string().nullable(),
  declaredType: z.string().nullable(),
  /** Hex SHA-256 that the client announced, if it did; the stored bytes are checked against it. */
  announcedSha256: z.string().nullable(),
  uploadedAt: instantSchema,
  /** A person has looked at these bytes and approved them: ModerateImage answers this and looks no more. */
  approval: z
    .strictObject({
      moderation: moderationSchema,
      /** Attempts are counted from this one on. */
      attempt: z.int().positive(),
    })
    .optional(),
});
export type ImageTask = z.infer<typeof imageTaskSchema>;

/** Input of the state machine: the images of one SQS batch. */
export const workflowInputSchema = z.strictObject({
  schemaVersion: z.literal(1),
  images: z.array(imageTaskSchema).min(1).max(10),
});
export type WorkflowInput = z.infer<typeof workflowInputSchema>;

/** ValidateImage. */
export const validateInputSchema = z.object({ task: imageTaskSchema });
export const validateResultSchema = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('accepted'), header: imageHeaderSchema }),
  z.strictObject({ verdict: z.literal('rejected'), reason: reasonSchema }),
]);
export type ValidateInput = z.infer<typeof validateInputSchema>;
export type ValidateResult = z.infer<typeof validateResultSchema>;

/** DevelopHeic: makes the JPEG (PNG where there is transparency) that stands in for a HEIC original's pixels, under `developedKey`. Throws ImageRejected. */
export const developInputSchema = z.object({ task: imageTaskSchema, header: imageHeaderSchema });
export const developResultSchema = z.strictObject({ key: z.string(), bytes: z.int().positive() });
export type DevelopInput = z.infer<typeof developInputSchema>;
export type DevelopResult = z.infer<typeof developResultSchema>;

/** Where an image's pixels are, and what a decoder has to know of that file. */
export interface PixelSource {
  readonly bucket: string;
  readonly key: string;
  readonly header: Pick<ImageHeader, 'format' | 'progressive' | 'frames'>;
}

/** The file that is decoded: the original itself, or what DevelopHeic made of it. */
export const pixelSourceOf = (
  { imageId, bucket, key }: { imageId: string; bucket: string; key: string },
  header: ImageHeader,
): PixelSource =>
  header.format === 'heic'
    ? {
        bucket,
        key: developedKey(imageId),
        header: { format: header.hasAlpha ? 'png' : 'jpeg', progressive: false, frames: 1 },
      }
    : { bucket, key, header };

/**
 * JPEGs of the pixels that ExtractMetadata decoded, in Base64: they travel with the workflow, half of what a state may hold, and go
 * no further. Optional, so that its neighbours may be deployed before it.
 */
const travellingSchema = z.object({
  /**
   * The picture at the width of the thumbnail family, where a rendition may be made of it: whoever needs no more pixels reads and
   * decodes no original.
   */
  preview: z
    .strictObject({ jpeg: z.base64().max(90_000), width: z.int().positive(), height: z.int().positive() })
    .optional(),
  /** The whole picture squeezed into a small square, on white, for a model to look at. */
  glance: z.strictObject({ jpeg: z.base64().max(60_000) }).optional(),
});
export type Travelling = z.infer<typeof travellingSchema>;

/** ExtractMetadata. Throws ImageRejected when the pixels cannot be decoded. */
export const metadataInputSchema = z.object({ task: imageTaskSchema, header: imageHeaderSchema });
export const metadataResultSchema = imageMetadataSchema.extend(travellingSchema.shape);
/** Metadata as the catalogue keeps it: what only travels is left out. */
const keptMetadataSchema = z.object(imageMetadataSchema.shape);
export type MetadataInput = z.infer<typeof metadataInputSchema>;
export type MetadataResult = z.infer<typeof metadataResultSchema>;

/**
 * ModerateImage: may it be shown? Looks at the glance, and at the original where none came along. Throws ImageRejected when the
 * pixels cannot be decoded.
 */
export const moderateInputSchema = z.object({
  task: imageTaskSchema,
  header: imageHeaderSchema,
  metadata: travellingSchema.pick({ glance: true }).optional(),
});
export type ModerateInput = z.infer<typeof moderateInputSchema>;

/** CreateThumbnail, CreateWebOptimized, CreateMobileOptimized: one family each. Throws ImageRejected. */
export const variantsInputSchema = z.object({
  task: imageTaskSchema,
  header: imageHeaderSchema,
  metadata: metadataResultSchema,
  family: familySchema,
});
export const variantsResultSchema = z.strictObject({ family: familySchema, variants: z.array(variantSchema) });
export type VariantsInput = z.infer<typeof variantsInputSchema>;
export type VariantsResult = z.infer<typeof variantsResultSchema>;

/** What a Catch of the state machine hands on. */
export const caughtErrorSchema = z.object({ Error: z.string(), Cause: z.string().optional() });
export type CaughtError = z.infer<typeof caughtErrorSchema>;

/** StoreResults: the one terminal write of an attempt; or the swap of versions of an image that was READY and stays it. */
export const storeInputSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('ready'),
    task: imageTaskSchema,
    header: imageHeaderSchema,
    metadata: keptMetadataSchema,
    families: z.array(variantsResultSchema),
    moderation: moderationSchema.optional(),
  }),
  /** Held back by moderation until a person decides: described, but not rendered. */
  z.object({
    outcome: z.literal('review'),
    task: imageTaskSchema,
    header: imageHeaderSchema,
    metadata: keptMetadataSchema,
    moderation: moderationSchema,
  }),
  /** `reason` from ValidateImage's verdict, or `error` when a later state threw ImageRejected. */
  z.object({
    outcome: z.literal('rejected'),
    task: imageTaskSchema,
    reason: reasonSchema.optional(),
    error: caughtErrorSchema.optional(),
    moderation: moderationSchema.optional(),
  }),
  /** Something of ours broke: tried again until `maxAttempts`, then FAILED. */
  z.object({ outcome: z.literal('failed'), task: imageTaskSchema, error: caughtErrorSchema }),
  /** Rendered again by another ladder: `metadata.version` is the new version, `replaces` the one that is served until now. */
  z.object({
    outcome: z.literal('redeveloped'),
    task: imageTaskSchema,
    metadata: imageMetadataSchema,
    families: z.array(variantsResultSchema),
    replaces: versionSchema,
  }),
]);
export type StoreInput = z.infer<typeof storeInputSchema>;

/**
 * RETRY: not terminal, the dispatcher gives the message back. SUPERSEDED: a newer attempt, or a terminal record of the
 * same upload, exists; nothing was written and there is nothing left to do.
 */
export const storeResultSchema = z.strictObject({
  imageId: imageIdSchema,
  status: z.enum(['READY', 'REJECTED', 'REVIEW', 'FAILED', 'RETRY', 'SUPERSEDED']),
});
export type StoreResult = z.infer<typeof storeResultSchema>;

/** Output of the state machine: one result an image, in the order of the input. */
export const workflowOutputSchema = z.array(storeResultSchema);
export type WorkflowOutput = z.infer<typeof workflowOutputSchema>;
