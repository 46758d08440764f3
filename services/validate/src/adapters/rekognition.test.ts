import { readFileSync } from 'node:fs';
import { DetectModerationLabelsCommand, RekognitionClient } from '@aws-sdk/client-rekognition';
import { mockClient } from 'aws-sdk-client-mock';
import sharp from 'sharp';
import { pictureOf, strict } from '../../test/support/tasks.ts';
import { createRekognition } from './rekognition.ts';

const client = mockClient(RekognitionClient);
const moderator = createRekognition(new RekognitionClient({ region: 'eu-west-1' }));
const bytes = readFileSync(new URL('../../../../packages/vision/test/fixtures/astronaut.jpg', import.meta.url));

/** As the service answers (DetectModerationLabels, model 7): a label with its parents, each with its confidence. */
const answer = {
  ModerationModelVersion: '7.0',
  ModerationLabels: [
    { Name: 'Exposed Female Nipple', ParentName: 'Explicit Nudity', TaxonomyLevel: 3, Confidence: 95.5 },
    { Name: 'Explicit Nudity', ParentName: 'Explicit', TaxonomyLevel: 2, Confidence: 95.5 },
    { Name: 'Explicit', ParentName: '', TaxonomyLevel: 1, Confidence: 95.5 },
    { Name: 'Alcohol', ParentName: '', TaxonomyLevel: 1, Confidence: 99.1 },
  ],
};

describe('Rekognition as moderator', () => {
  beforeEach(() => client.reset());

  it('keeps the first level of labels; alcohol is recorded and counts for nothing', async () => {
    client.on(DetectModerationLabelsCommand).resolves(answer);

    await expect(moderator(pictureOf(bytes), strict)).resolves.toEqual({
      scores: { Explicit: 0.955, Alcohol: 0.991 },
      concern: 0.955,
      model: 'rekognition-moderation@7.0',
    });
  });

  it('sends a JPEG of the original without metadata, whatever is smaller', async () => {
    client.on(DetectModerationLabelsCommand).resolves({ ModerationLabels: [] });
    const large = await sharp(bytes)
      .resize(2_000)
      .withExif({ IFD0: { Copyright: 'Ada' } })
      .jpeg()
      .toBuffer();

    const small = () => Promise.reject(new Error('expected nobody to ask for the small picture'));

    const opinion = await moderator({ ...pictureOf(large, { progressive: false }), small }, strict);

    const [call] = client.commandCalls(DetectModerationLabelsCommand);
    const sent = Buffer.from(call?.args[0].input.Image?.Bytes ?? []);
    const { format, width, height, exif } = await sharp(sent).metadata();
    expect({ format, longest: Math.max(width, height), exif }).toEqual({
      format: 'jpeg',
      longest: 640,
      exif: undefined,
    });
    expect(opinion).toEqual({ scores: {}, concern: 0, model: 'rekognition-moderation@unknown' });
  });

  it('lets the errors of the service through', async () => {
    client.on(DetectModerationLabelsCommand).rejects(new Error('ThrottlingException'));
    await expect(moderator(pictureOf(bytes), strict)).rejects.toThrow('ThrottlingException');
  });
});
