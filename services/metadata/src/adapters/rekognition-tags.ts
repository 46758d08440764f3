import { DetectLabelsCommand, type RekognitionClient } from '@aws-sdk/client-rekognition';
import { smallJpeg } from '@darkroom/imaging/small-jpeg';
import type { TagImage } from '../ports.ts';

/** As many as a record keeps. */
const MAX_LABELS = 16;
/** Per cent; Rekognition's own default is 55. */
const MIN_CONFIDENCE = 60;

/**
 * Labels of Amazon Rekognition in lower case, the surest first: thousands of kinds of things, scenes and activities, about $1 per 1,000
 * images. It is sent a small JPEG without metadata. Throws ImageRejected when the pixels cannot be decoded, and the SDK's errors.
 */
export const createRekognitionTags =
  (client: Pick<RekognitionClient, 'send'>): TagImage =>
  async (picture) => {
    const image = await smallJpeg(picture.bytes, picture.header);
    const answer = await client.send(
      new DetectLabelsCommand({ Image: { Bytes: image }, MaxLabels: MAX_LABELS, MinConfidence: MIN_CONFIDENCE }),
    );
    return (answer.Labels ?? [])
      .map(({ Name = '', Confidence = 0 }) => ({
        name: Name.toLowerCase().slice(0, 64),
        score: Math.round(Math.min(100, Confidence) * 10) / 1000,
      }))
      .filter(({ name }) => name !== '')
      .sort((a, b) => b.score - a.score)
      .slice(0, MAX_LABELS);
  };
