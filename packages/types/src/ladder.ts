import * as z from 'zod';
import data from '../data/ladder.json' with { type: 'json' };

export const variantFormatSchema = z.enum(['avif', 'webp', 'jpeg']);
/** `n` = normal quality, `l` = low: for Save-Data and slow links, `s` = square: cut around the focal point, of normal quality. */
export const tierSchema = z.enum(['n', 'l', 's']);
export const familySchema = z.enum(['thumbnail', 'mobile', 'web']);
export type VariantFormat = z.infer<typeof variantFormatSchema>;
export type Tier = z.infer<typeof tierSchema>;
/** A tier that has an encoder's settings of its own; see `qualityTierOf`. */
export type QualityTier = Exclude<Tier, 's'>;
export type Family = z.infer<typeof familySchema>;

const rungSchema = z.strictObject({
  /** Widest the rendition may be, in pixels; a smaller original is never enlarged. */
  width: z.int().positive(),
  tier: tierSchema,
  formats: z.array(variantFormatSchema).min(1),
});
export type Rung = z.infer<typeof rungSchema>;

const avifSchema = z.strictObject({
  quality: z.int(),
  effort: z.int(),
  chromaSubsampling: z.enum(['4:2:0', '4:4:4']),
  /** Bits a channel. Ten code what has eight in 2 to 5 % fewer bytes of the same likeness above a quality of about 50, for a fifth more CPU. */
  bitdepth: z.union([z.literal(8), z.literal(10)]),
});
const webpSchema = z.strictObject({ quality: z.int(), effort: z.int() });
const jpegSchema = z.strictObject({ quality: z.int(), progressive: z.boolean() });
const perTier = <T extends z.ZodType>(schema: T) => z.strictObject({ n: schema, l: schema });

/** How a quality follows the picture, so that every rendition looks alike; see services/variants, `quality.ts`. */
const qualityRuleSchema = z.strictObject({
  /** Added for each doubling of the sides beyond 640 × 480 pixels: the eye forgives more where there is more to see. */
  perOctave: z.number(),
  /** Added for each unit of the picture's difficulty. */
  perDifficulty: z.number(),
  /** By what share `perDifficulty` grows for each doubling of the sides; none where it is left out. */
  difficultyPerOctave: z.number().min(-0.5).max(0.5).optional(),
  least: z.int().min(1),
  most: z.int().max(100),
});

export const ladderSchema = z.strictObject({
  /** Raised with every change that makes other bytes for the same picture: it is part of every variant's version. */
  revision: z.int().positive(),
  /** Every width a rendition may be asked for, ascending, in pixels. */
  widths: z.array(z.int().positive()),
  /** The same of tier `s`: sides of squares. */
  squareWidths: z.array(z.int().positive()),
  tiers: z.array(tierSchema),
  /** Below this width tier `l` shares the file of tier `n`: the saving would not pay for a second object. */
  lowTierFrom: z.int().positive(),
  formats: z.array(variantFormatSchema),
  /** What is made before anybody asks. The rest is made on the first request and stored. */
  families: z.record(familySchema, z.array(rungSchema).min(1)),
  /** The likeness that renditions of a tier aim at, in points of SSIMULACRA 2. The qualities below are fitted to it. */
  likeness: perTier(z.number().min(0).max(100)),
  /** `quality` is what the average photograph needs at 640 × 480. */
  encoders: z.strictObject({ avif: perTier(avifSchema), webp: perTier(webpSchema), jpeg: perTier(jpegSchema) }),
  quality: z.record(variantFormatSchema, perTier(qualityRuleSchema)),
  /** Most bytes of a rendition of tier `l`, by its million pixels: what its quality is lowered to. */
  lowTierBytesPerMegapixel: z.int().positive(),
  animation: z.strictObject({
    /** Frames times pixels of an original that is taken as an animation; beyond it only its first frame is. */
    maxSourcePixels: z.int().positive(),
    /** Frames times pixels of an animated rendition: larger rungs hold what the largest within it holds. */
    maxPixels: z.int().positive(),
    quality: z.int().min(1).max(100),
    effort: z.int().min(0).max(6),
  }),
});
export type Ladder = z.infer<typeof ladderSchema>;

/** The variant ladder, from `data/ladder.json`. Throws at import when the file is malformed. */
export const ladder: Ladder = ladderSchema.parse(data);

/** Every width that renditions of a tier may be asked for, ascending, in pixels. */
export const widthsOf = (
  { widths, squareWidths }: Pick<Ladder, 'widths' | 'squareWidths'>,
  tier: Tier,
): readonly number[] => (tier === 's' ? squareWidths : widths);

/** Width of the picture that travels from ExtractMetadata to the thumbnail family, in pixels: that of its widest rung. */
export const previewWidthOf = ({ families }: Pick<Ladder, 'families'>): number =>
  Math.max(...families.thumbnail.map(({ width }) => width));

/** The tier whose likeness, encoders and qualities hold for a tier: squares look as renditions of the normal one do. */
export const qualityTierOf = (tier: Tier): QualityTier => (tier === 's' ? 'n' : tier);
