import { readFileSync } from 'node:fs';
import { DetectLabelsCommand, RekognitionClient } from '@aws-sdk/client-rekognition';
import { tagSchema } from '@darkroom/types/image';
import { mockClient } from 'aws-sdk-client-mock';
import sharp from 'sharp';
import { decodeSmall } from '../core/extract/decode.ts';
import { leastSides } from '../core/extract/extract-metadata.ts';
import type { Picture } from '../ports.ts';
import { createTagger } from './tagger.ts';

const client = mockClient(RekognitionClient);
const photograph = readFileSync(new URL('../../../../packages/vision/test/fixtures/cat.jpg', import.meta.url));
/** A file as ExtractMetadata hands it on: with the pixels that it decoded of it. */
const pictureOf = async (bytes: Buffer, progressive: boolean): Promise<Picture> => {
  const header = { format: 'jpeg', progressive, frames: 1 } as const;
  const { raster } = await decodeSmall(bytes, header, leastSides(320));
  return { bytes, header, raster };
};
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

    for (const picture of [await pictureOf(photograph, true), await pictureOf(turned, false)])
      expect((await taggerOf('local')(picture)).map(({ name }) => name)).toEqual(['cat']);
    expect(failures).toEqual([]);
  });

  it('looks at the pixels that were decoded, not at the file', async () => {
    const picture = await pictureOf(photograph, true);

    const tags = await taggerOf('local')({ ...picture, bytes: Buffer.alloc(0) });

    expect(tags.map(({ name }) => name)).toEqual(['cat']);
  });

  it('sees what is transparent on white', async () => {
    const { raster, ...file } = await pictureOf(photograph, true);
    const data = Buffer.alloc(raster.width * raster.height * 4);

    await expect(taggerOf('local')({ ...file, raster: { ...raster, data, channels: 4 } })).resolves.toEqual([]);
    expect(failures).toEqual([]);
  });

  it('does not look at icons', async () => {
    const icon = await sharp(photograph).resize(63).jpeg().toBuffer();

    await expect(taggerOf('local')(await pictureOf(icon, false))).resolves.toEqual([]);
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

    const tags = await taggerOf('rekognition')(await pictureOf(photograph, true));

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

    await expect(taggerOf('rekognition')(await pictureOf(photograph, true))).resolves.toEqual([]);
    expect(failures).toEqual([new Error('AccessDeniedException')]);
  });

  it('costs a picture that cannot be decoded its tags and nothing else', async () => {
    const picture = await pictureOf(photograph, true);

    await expect(taggerOf('rekognition')({ ...picture, bytes: photograph.subarray(0, 9_000) })).resolves.toEqual([]);
    expect(failures).toEqual([expect.objectContaining({ name: 'ImageRejected' })]);
  });
});

it('off is nobody', () => {
  expect(createTagger('off', () => undefined)).toBeUndefined();
});
