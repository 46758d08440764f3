import { RekognitionClient } from '@aws-sdk/client-rekognition';
import type { TaggerChoice } from '../config.ts';
import type { TagImage } from '../ports.ts';
import { localTags } from './local-tags.ts';
import { createRekognitionTags } from './rekognition-tags.ts';

/** Two tries of five seconds leave time within the function's own thirty. */
const rekognition = (): TagImage =>
  createRekognitionTags(
    new RekognitionClient({
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    }),
  );

/** An image without tags is as good as any other: whatever hinders tagging costs it its tags and nothing else. */
const forgiving =
  (tag: TagImage, onFailure: (error: unknown) => void): TagImage =>
  async (picture) => {
    try {
      return await tag(picture);
    } catch (error) {
      onFailure(error);
      return [];
    }
  };

/** Who tags, by the function's configuration; undefined for nobody. What it makes never throws: `onFailure` hears of it. */
export const createTagger = (choice: TaggerChoice, onFailure: (error: unknown) => void): TagImage | undefined => {
  if (choice === 'off') return undefined;
  return forgiving(choice === 'local' ? localTags : rekognition(), onFailure);
};
