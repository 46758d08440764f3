import * as z from 'zod';
import { reasonSchema } from './codes.ts';
import { imageIdSchema, instantSchema, ownerSchema, tenantSchema, versionSchema } from './ids.ts';
import { moderationSchema, variantSchema } from './image.ts';

/**
 * EventBridge `Source` of every domain event. They travel on the account's default bus (it exists before any stack, so
 * teams deploy in any order); the stage in the source keeps stages of one account apart.
 */
export const eventSource = (stage: string): string => `darkroom.${stage}`;

const base = {
  schemaVersion: z.literal(1),
  imageId: imageIdSchema,
  tenant: tenantSchema,
  owner: ownerSchema.nullable(),
  attempt: z.int().positive(),
  uploadedAt: instantSchema,
  /** When the record became what the event says. */
  at: instantSchema,
};

export const imageReadySchema = z.strictObject({
  ...base,
  version: versionSchema,
  width: z.int().positive(),
  height: z.int().positive(),
  variants: z.array(variantSchema),
  /** The version that was served until now: the image was READY and has been rendered again by another ladder. */
  replaces: versionSchema.optional(),
});
export const imageRejectedSchema = z.strictObject({ ...base, reason: reasonSchema });
export const imageFailedSchema = z.strictObject({ ...base, reason: reasonSchema });
/** Held back by moderation: a person has to look. */
export const imageReviewSchema = z.strictObject({ ...base, moderation: moderationSchema });
export const imageDeletedSchema = z.strictObject({
  ...base,
  bucket: z.string(),
  key: z.string(),
  version: versionSchema.nullable(),
});

/** `DetailType` → schema of `Detail`. Events are delivered at least once. */
export const domainEvents = {
  'image.ready': imageReadySchema,
  'image.rejected': imageRejectedSchema,
  'image.failed': imageFailedSchema,
  'image.review': imageReviewSchema,
  'image.deleted': imageDeletedSchema,
} as const;
export type DomainEventType = keyof typeof domainEvents;
export type DomainEvent = {
  [T in DomainEventType]: { type: T; detail: z.infer<(typeof domainEvents)[T]> };
}[DomainEventType];
