import { decoding, openImage } from '@darkroom/imaging';
import { rgbPixels } from '@darkroom/imaging/rgb-pixels';
import { MODERATION_MODEL, moderationSize, scoreModeration } from '@darkroom/vision/moderation';
import type { Moderator } from '../ports.ts';

/** The model of packages/vision, in this process: no network, no fee. Its classes `neutral` and `drawing` are harmless. */
export const localModel: Moderator = async (picture) => {
  const { bytes, header } = await picture.small();
  const pixels = await decoding(() => rgbPixels(openImage(bytes, header), moderationSize));
  const scores = await scoreModeration(pixels);
  return { scores, concern: Math.max(scores.porn, scores.hentai, scores.sexy), model: MODERATION_MODEL };
};
