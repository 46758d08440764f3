import * as z from 'zod';

/** A ULID: 26 characters of Crockford base 32, sortable by creation time. The only name an image has. */
export const imageIdSchema = z.ulid();
export type ImageId = z.infer<typeof imageIdSchema>;

/** Tenant and owner names travel in tokens, S3 metadata (ASCII only) and index keys, so they are plain and short. */
export const tenantSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
export const ownerSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.@:-]{0,127}$/);

/** Twelve hex digits; see `variantVersion` in packages/runtime for how it is made. */
export const versionSchema = z.string().regex(/^[0-9a-f]{12}$/);

/** An instant as ISO 8601 in UTC with milliseconds, `2026-11-23T20:40:00.000Z`. */
export const instantSchema = z.iso.datetime({ precision: 3 });
