import * as z from 'zod';
import data from '../data/policies.json' with { type: 'json' };
import { tenantSchema } from './ids.ts';

const share = z.number().min(0).max(1);

export const policySchema = z.strictObject({
  /** What becomes of the place in a photograph's EXIF: forgotten, kept to a tenth of a degree, or kept as it is. */
  gps: z.enum(['drop', 'coarse', 'keep']),
  /** Renditions carry the copyright notice of the original, and nothing else of its metadata. */
  keepCopyright: z.boolean(),
  /** JPEG renditions of the normal tier keep the HDR gain map of a JPEG original: 5 to 8 KB at 1280 pixels. */
  keepGainMap: z.boolean(),
  moderation: z.strictObject({
    /** False: scores are recorded, and every image is shown. A model's thresholds are its owner's to choose. */
    enforce: z.boolean(),
    /** From this score on a person decides (status REVIEW). */
    reviewFrom: share,
    /** From this score on the image is REJECTED with NOT_ALLOWED. */
    refuseFrom: share,
    /** With a second model: it is asked from this score on, up to `refuseFrom`; the cheap model decides the rest. */
    askFrom: share,
  }),
});
export type Policy = z.infer<typeof policySchema>;

export const policiesSchema = z.strictObject({
  default: policySchema,
  /** What a tenant has otherwise, field by field. */
  tenants: z.record(
    tenantSchema,
    policySchema
      .omit({ moderation: true })
      .partial()
      .extend({ moderation: policySchema.shape.moderation.partial().optional() }),
  ),
});
export type Policies = z.infer<typeof policiesSchema>;

/** All policies, from `data/policies.json`. Throws at import when the file is malformed. */
export const policies: Policies = policiesSchema.parse(data);

/** What holds for one tenant's images. */
export const policyOf = (tenant: string, all: Policies = policies): Policy => {
  const own = all.tenants[tenant] ?? {};
  return policySchema.parse({ ...all.default, ...own, moderation: { ...all.default.moderation, ...own.moderation } });
};
