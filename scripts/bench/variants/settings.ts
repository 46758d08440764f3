import { type Ladder, qualityTierOf, type Tier, type VariantFormat } from '../../../packages/types/src/ladder.ts';

type Encoders = Ladder['encoders'];

/** What an encoder is told for one file, in sharp's words. */
export type FileSettings =
  | ({ readonly format: 'avif' } & Readonly<Encoders['avif']['n']>)
  | ({ readonly format: 'webp' } & Readonly<Encoders['webp']['n']>)
  | ({ readonly format: 'jpeg' } & Readonly<Encoders['jpeg']['n']>);

/** One file that a photograph becomes: its exact pixels and its encoder's settings. */
export interface FileToMake {
  readonly width: number;
  readonly height: number;
  readonly settings: FileSettings;
}

/** A rendition as Darkroom made it; the one place that knows where its settings come from. */
export const settingsOf = (
  { format, tier, quality }: { readonly format: VariantFormat; readonly tier: Tier; readonly quality: number },
  { encoders }: Pick<Ladder, 'encoders'>,
): FileSettings => {
  const looks = qualityTierOf(tier);
  switch (format) {
    case 'avif':
      return { format, ...encoders.avif[looks], quality };
    case 'webp':
      return { format, ...encoders.webp[looks], quality };
    case 'jpeg':
      return { format, ...encoders.jpeg[looks], quality };
  }
};
