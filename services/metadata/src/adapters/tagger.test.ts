import { readFileSync } from 'node:fs';
import { DetectLabelsCommand, RekognitionClient } from '@aws-sdk/client-rekognition';
import { tagSchema } from '@darkroom/types/image';
import { mockClient } from 'aws-sdk-client-mock';
import sharp from 'sharp';
import { createTagger } from './tagger.ts';

const client = mockClient(RekognitionClient);
const photograph = readFileSync(new URL('../../../../packages/vision/test/fixtures/cat.jpg', import.meta.url));
const picture = { bytes: photograph, header: { format: 'jpeg', progressive: true, frames: 1 } } as const;
const failures: unknown[] = [];
const taggerOf = (choice: 'local' | 'rekognition') => {
  const tag = createTagger(choice, (error) => failures.push(error));
  if (tag === undefined) throw new Error('expected a tagger');
  return tag;
};

beforeEach(() => {
  client.reset();
  failures.length = 0;
});

describe('the local tagger', () => {
  it('finds a cat in the photograph of a cat, however it is stored', async () => {
    const turned = await sharp(photograph).rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer();
    const wide = { bytes: turned, header: { format: 'jpeg', progressive: false, frames: 1 } } as const;

    for (const each of [picture, wide])
      expect((await taggerOf('local')(each)).map(({ name }) => name)).toEqual(['cat']);
    expect(failures).toEqual([]);
  });

  it('costs a picture that cannot be decoded its tags and nothing else', async () => {
    await expect(taggerOf('local')({ ...picture, bytes: photograph.subarray(0, 9_000) })).resolves.toEqual([]);
    expect(failures).toEqual([expect.objectContaining({ name: 'ImageRejected' })]);
  });
});

describe('Rekognition as tagger', () => {
  it('answers labels in lower case, the surest first, as the record keeps them', async () => {
    client.on(DetectLabelsCommand).resolves({
      Labels: [
        { Name: 'Pet', Confidence: 91.25, Parents: [{ Name: 'Animal' }] },
        { Name: 'Cat', Confidence: 99.87 },
        { Name: 'x'.repeat(90), Confidence: 61 },
        { Confidence: 99 },
      ],
    });

    const tags = await taggerOf('rekognition')(picture);

    expect(tags.map((tag) => tagSchema.parse(tag))).toEqual([
      { name: 'cat', score: 0.999 },
      { name: 'pet', score: 0.913 },
      { name: 'x'.repeat(64), score: 0.61 },
    ]);
    const [call] = client.commandCalls(DetectLabelsCommand);
    const sent = Buffer.from(call?.args[0].input.Image?.Bytes ?? []);
    await expect(sharp(sent).metadata()).resolves.toMatchObject({ format: 'jpeg', width: 480 });
  });

  it('costs an image its tags and nothing else when it is away', async () => {
    client.on(DetectLabelsCommand).rejects(new Error('AccessDeniedException'));

    await expect(taggerOf('rekognition')(picture)).resolves.toEqual([]);
    expect(failures).toEqual([new Error('AccessDeniedException')]);
  });
});

it('off is nobody', () => {
  expect(createTagger('off', () => undefined)).toBeUndefined();
});
