import * as z from 'zod';
import { imageIdSchema, ownerSchema, tenantSchema } from './ids.ts';

export const scopeSchema = z.enum(['upload', 'read', 'delete']);
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
  /** S3's id of the multipart upload; null when one POST carries the file. */
  uploadId: z.string().nullable(),
  /** Bytes of every part but the last; null when one POST carries the file. */
  partSize: z.int().positive().nullable(),
  exp: z.int().positive(),
});
export type UploadClaims = z.infer<typeof uploadClaimsSchema>;
