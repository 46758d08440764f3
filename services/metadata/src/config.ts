import * as z from 'zod';

const table = z.string().min(3);
const stage = z.string().min(1);

/** Environment of the `api` function. */
export const apiConfigSchema = z.object({
  STAGE: stage,
  CATALOGUE_TABLE: table,
  TERMS_TABLE: table,
  /** Where the edge serves images; a slash at its end is dropped. */
  CDN_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  /** Name of the SSM parameter that holds the secret of the tokens. */
  TOKEN_SECRET_PARAMETER: z.string().min(1),
});

/** Environment of the `storeResults` function. */
export const storeConfigSchema = z.object({ STAGE: stage, CATALOGUE_TABLE: table, TERMS_TABLE: table });

/** Environment of the `extractMetadata` function. */
export const extractConfigSchema = z.object({
  /** Who tags: the model in the function, Rekognition, or nobody. */
  TAGGER: z.enum(['local', 'rekognition', 'off']),
});
export type TaggerChoice = z.infer<typeof extractConfigSchema>['TAGGER'];
