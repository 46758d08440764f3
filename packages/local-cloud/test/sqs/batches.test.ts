import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { sqsLab, type SqsLab } from './support.ts';

describe('SQS batches', () => {
  let lab: SqsLab;
  let QueueUrl: string;
  beforeAll(async () => {
    lab = await sqsLab();
  });
  beforeEach(async () => {
    QueueUrl = await lab.createQueue();
  });
  afterAll(() => lab.end());

  const entries = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ Id: `e${index}`, MessageBody: `body ${index}` }));

  it('sends, hides and deletes ten at a time', async () => {
    const sent = await lab.client.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries(10) }));
    const received = await lab.receive(QueueUrl, { MaxNumberOfMessages: 10 });
    const handles = received.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const hidden = await lab.client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: handles.map((entry) => ({ ...entry, VisibilityTimeout: 90 })),
      }),
    );
    const deleted = await lab.client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));

    expect(sent.Successful!.map(({ Id }) => Id)).toEqual(entries(10).map(({ Id }) => Id));
    expect(received).toHaveLength(10);
    expect(hidden.Successful).toHaveLength(10);
    expect(deleted.Successful).toHaveLength(10);
    expect(await lab.counts(QueueUrl)).toEqual([0, 0, 0]);
  });

  it('fails only the entries that are wrong', async () => {
    const Entries = [
      { Id: 'good', MessageBody: 'x' },
      { Id: 'bad', MessageBody: 'a\u0000b' },
    ];

    const { Successful, Failed } = await lab.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

    expect(Successful!.map(({ Id }) => Id)).toEqual(['good']);
    expect(Failed).toEqual([expect.objectContaining({ Id: 'bad', SenderFault: true, Code: 'InvalidMessageContents' })]);
  });

  it('names the handles that are wrong', async () => {
    await lab.send(QueueUrl, 'x');
    const [message] = await lab.receive(QueueUrl);

    const { Successful, Failed } = await lab.client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', ReceiptHandle: message!.ReceiptHandle },
          { Id: 'b', ReceiptHandle: 'rubbish' },
        ],
      }),
    );

    expect(Successful!.map(({ Id }) => Id)).toEqual(['a']);
    expect(Failed).toEqual([expect.objectContaining({ Id: 'b', Code: 'ReceiptHandleIsInvalid' })]);
  });

  it.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', entries(11)],
    ['BatchEntryIdsNotDistinct', [entries(1)[0]!, entries(1)[0]!]],
    ['InvalidBatchEntryId', [{ Id: 'no spaces', MessageBody: 'x' }]],
    [
      'BatchRequestTooLong',
      [
        { Id: 'a', MessageBody: 'x'.repeat(600_000) },
        { Id: 'b', MessageBody: 'x'.repeat(600_000) },
      ],
    ],
  ])('refuses a batch as a whole: %s', async (name, Entries) => {
    const answer = lab.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

    await expect(answer).rejects.toMatchObject({ name });
    expect(await lab.counts(QueueUrl)).toEqual([0, 0, 0]);
  });
});
