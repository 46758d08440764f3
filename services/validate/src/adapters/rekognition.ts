import { DetectModerationLabelsCommand, type RekognitionClient } from '@aws-sdk/client-rekognition';
import { smallJpeg } from '@darkroom/imaging/small-jpeg';
import type { Moderator } from '../ports.ts';

/** Below the smallest threshold that makes sense, in per cent; Rekognition's own default is 50. */
const MIN_CONFIDENCE = 20;

/**
 * Categories of the first level (taxonomy of moderation model 7) that count towards a verdict. Others, such as swimwear, alcohol and
 * gambling, are recorded and count for nothing.
 * https://docs.aws.amazon.com/rekognition/latest/dg/moderation.html
 */
const COUNTED: readonly string[] = [
  'Explicit',
  'Non-Explicit Nudity of Intimate parts and Kissing',
  'Violence',
  'Visually Disturbing',
  'Hate Symbols',
];

/**
 * Amazon Rekognition, about $1 per 1,000 images. It is sent a small JPEG without metadata. Throws ImageRejected when the pixels cannot be
 * decoded, and the SDK's errors (pictures under 50 pixels are among what it refuses).
 */
export const createRekognition =
  (client: Pick<RekognitionClient, 'send'>): Moderator =>
  async (picture) => {
    const { bytes, header } = await picture.whole();
    const image = await smallJpeg(bytes, header);
    const answer = await client.send(
      new DetectModerationLabelsCommand({ Image: { Bytes: image }, MinConfidence: MIN_CONFIDENCE }),
    );
    const scores = Object.fromEntries(
      (answer.ModerationLabels ?? [])
        .filter(({ ParentName }) => ParentName === undefined || ParentName === '')
        .map(({ Name = 'unnamed', Confidence = 0 }) => [Name, Confidence / 100] as const),
    );
    return {
      scores,
      concern: Math.max(0, ...COUNTED.map((category) => scores[category] ?? 0)),
      model: `rekognition-moderation@${answer.ModerationModelVersion ?? 'unknown'}`,
    };
  };
