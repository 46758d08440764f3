import * as z from 'zod';
import { imageIdSchema, ownerSchema, tenantSchema } from './ids.ts';

export const scopeSchema = z.enum(['upload', 'read', 'delete', 'review']);
export type Scope = z.infer<typeof scopeSchema>;

/** Claims of an access token: who may call the APIs, for which tenant. Signed by HMAC; see packages/runtime. */
export const accessClaimsSchema = z.strictObject({
  typ: z.literal('access'),
  tenant: tenantSchema,
  owner: ownerSchema.nullable(),
  scopes: z.array(scopeSchema).min(1),
  /** Seconds since the epoch. */
  exp: z.int().positive(),
});
export type AccessClaims = z.infer<typeof accessClaimsSchema>;

/** Claims of an upload token: everything the stateless upload API must remember about one upload. */
export const uploadClaimsSchema = z.strictObject({
  typ: z.literal('upload'),
  tenant: tenantSchema,
  owner: ownerSchema.nullable(),
  imageId: imageIdSchema,
  /** Announced size of the file in bytes. */
  size: z.int().positive(),
  contentType: z.string(),
  filename: z.string().nullable(),
  sha256: z.string().nullable(),
  /** `Upload-Metadata` of a tus client as it came: the protocol wants it answered word for word. Absent otherwise. */
  metadata: z.string().max(1_024).optional(),
  /** Bytes of every part but the last; null when the upload is not cut into parts. */
  partSize: z.int().positive().nullable(),
  exp: z.int().positive(),
});
export type UploadClaims = z.infer<typeof uploadClaimsSchema>;

/** Claims in the opaque upload id that Uppy carries: one multipart upload of S3, opened for this tenant and owner. */
export const multipartClaimsSchema = z.strictObject({
  typ: z.literal('multipart'),
  tenant: tenantSchema,
  owner: ownerSchema.nullable(),
  imageId: imageIdSchema,
  /** S3's id of the multipart upload. */
  uploadId: z.string(),
  exp: z.int().positive(),
});
export type MultipartClaims = z.infer<typeof multipartClaimsSchema>;
