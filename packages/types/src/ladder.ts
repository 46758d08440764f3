import * as z from 'zod';
import data from '../data/ladder.json' with { type: 'json' };

export const variantFormatSchema = z.enum(['avif', 'webp', 'jpeg']);
/** `n` = normal quality, `l` = low: for Save-Data and slow links. */
export const tierSchema = z.enum(['n', 'l']);
export const familySchema = z.enum(['thumbnail', 'mobile', 'web']);
export type VariantFormat = z.infer<typeof variantFormatSchema>;
export type Tier = z.infer<typeof tierSchema>;
export type Family = z.infer<typeof familySchema>;

const rungSchema = z.strictObject({
  /** Widest the rendition may be, in pixels; a smaller original is never enlarged. */
  width: z.int().positive(),
  tier: tierSchema,
  formats: z.array(variantFormatSchema).min(1),
});
export type Rung = z.infer<typeof rungSchema>;

const avifSchema = z.strictObject({ quality: z.int(), effort: z.int(), chromaSubsampling: z.enum(['4:2:0', '4:4:4']) });
const webpSchema = z.strictObject({ quality: z.int(), effort: z.int() });
const jpegSchema = z.strictObject({ quality: z.int(), progressive: z.boolean() });
const perTier = <T extends z.ZodType>(schema: T) => z.strictObject({ n: schema, l: schema });

export const ladderSchema = z.strictObject({
  /** Raised with every change that makes other bytes for the same picture: it is part of every variant's version. */
  revision: z.int().positive(),
  /** Every width a rendition may be asked for, ascending, in pixels. */
  widths: z.array(z.int().positive()),
  tiers: z.array(tierSchema),
  /** Below this width tier `l` shares the file of tier `n`: the saving would not pay for a second object. */
  lowTierFrom: z.int().positive(),
  formats: z.array(variantFormatSchema),
  /** What is made before anybody asks. The rest is made on the first request and stored. */
  families: z.record(familySchema, z.array(rungSchema).min(1)),
  encoders: z.strictObject({ avif: perTier(avifSchema), webp: perTier(webpSchema), jpeg: perTier(jpegSchema) }),
});
export type Ladder = z.infer<typeof ladderSchema>;

/** The variant ladder, from `data/ladder.json`. Throws at import when the file is malformed. */
export const ladder: Ladder = ladderSchema.parse(data);
