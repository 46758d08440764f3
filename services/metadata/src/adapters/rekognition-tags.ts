import { DetectLabelsCommand, type RekognitionClient } from '@aws-sdk/client-rekognition';
import { decoding, openImage } from '@darkroom/imaging';
import type { Picture, TagImage } from '../ports.ts';

/** Longest side of what is sent, in pixels. */
const SENT_SIDE = 640;
const SENT_QUALITY = 85;
/** As many as a record keeps. */
const MAX_LABELS = 16;
/** Per cent; Rekognition's own default is 55. */
const MIN_CONFIDENCE = 60;

const smallJpeg = ({ bytes, header }: Picture): Promise<Buffer> =>
  decoding(() =>
    openImage(bytes, header)
      .autoOrient()
      .resize({ width: SENT_SIDE, height: SENT_SIDE, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: SENT_QUALITY })
      .toBuffer(),
  );

/**
 * Labels of Amazon Rekognition in lower case, the surest first: thousands of kinds of things, scenes and activities, about $1 per 1,000
 * images. It is sent a small JPEG without metadata. Throws ImageRejected when the pixels cannot be decoded, and the SDK's errors.
 */
export const createRekognitionTags =
  (client: Pick<RekognitionClient, 'send'>): TagImage =>
  async (picture) => {
    const image = await smallJpeg(picture);
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
