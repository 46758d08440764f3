import { readFileSync } from 'node:fs';
import { DetectModerationLabelsCommand, RekognitionClient } from '@aws-sdk/client-rekognition';
import { mockClient } from 'aws-sdk-client-mock';
import { pictureOf, strict } from '../../test/support/tasks.ts';
import { createModerator } from './moderator.ts';

const client = mockClient(RekognitionClient);
const bytes = readFileSync(new URL('../../../../packages/vision/test/fixtures/cat.jpg', import.meta.url));
const picture = pictureOf(bytes);
const LOCAL = 'nsfwjs-mobilenet-v2-mid@4.4.0';
const failures: unknown[] = [];
const onFailure = (error: unknown) => void failures.push(error);

describe('createModerator', () => {
  beforeEach(() => {
    client.reset();
    failures.length = 0;
    client.on(DetectModerationLabelsCommand).resolves({ ModerationModelVersion: '7.0', ModerationLabels: [] });
  });

  it.each([
    ['local', LOCAL, 0],
    ['rekognition', 'rekognition-moderation@7.0', 1],
    // A cat is none of the uncertain ones.
    ['cascade', LOCAL, 0],
  ] as const)('with %s has %s decide', async (choice, model, calls) => {
    await expect(createModerator(choice, onFailure)(picture, strict)).resolves.toMatchObject({ model });
    expect(client.calls()).toHaveLength(calls);
  });

  it('with cascade asks Rekognition about what the local model is unsure of', async () => {
    const anything = { ...strict, askFrom: 0 };

    await expect(createModerator('cascade', onFailure)(picture, anything)).resolves.toMatchObject({
      model: `${LOCAL}+rekognition-moderation@7.0`,
      scores: { neutral: expect.any(Number) },
      concern: 0,
    });
  });

  it.each(['rekognition', 'cascade'] as const)('with %s loses no image when Rekognition is away', async (choice) => {
    client.on(DetectModerationLabelsCommand).rejects(new Error('AccessDeniedException'));

    await expect(createModerator(choice, onFailure)(picture, { ...strict, askFrom: 0 })).resolves.toMatchObject({
      model: LOCAL,
    });
    expect(failures).toEqual([new Error('AccessDeniedException')]);
  });
});
