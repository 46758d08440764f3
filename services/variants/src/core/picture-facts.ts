import type { ImageMetadata } from '@darkroom/types/image';
import { type Policy, policyOf } from '@darkroom/types/policies';
import type { RenderSource } from './render.ts';

/** What of an image's metadata, and of its tenant's policy, shapes its renditions. */
export const pictureFacts = (
  { tenant }: { tenant: string },
  { dominantColour, difficulty, wideGamut, focus, credit }: ImageMetadata,
  { keepCopyright, keepGainMap }: Pick<Policy, 'keepCopyright' | 'keepGainMap'> = policyOf(tenant),
): Omit<RenderSource, 'original' | 'header'> => ({
  background: dominantColour,
  difficulty,
  wideGamut,
  focus,
  keepGainMap,
  ...(keepCopyright && credit?.copyright && { copyright: credit.copyright }),
});
