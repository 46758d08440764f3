import type { JsonAction } from '../service.ts';
import { checkNames, type ComputedName } from './attributes.ts';
import { inputs, readInput, within } from './input.ts';
import type { MessageStore } from './message-store.ts';
import type { MoveTasks } from './move-tasks.ts';
import type { Queue, QueueStore } from './queue-store.ts';

export interface QueueActionParts {
  readonly queues: QueueStore;
  readonly messages: MessageStore;
  readonly tasks: MoveTasks;
  /** Deletes a queue and ends the polls on it. */
  readonly deleteQueue: (queue: Queue) => void;
}

/** Most queues of one page. */
const MAX_PAGE = 1000;
const MAX_TASKS = 10;
/** AWS's bound for MaxNumberOfMessagesPerSecond. */
const MAX_MOVES_PER_SECOND = 500;

/** Items after the token, at most one page of them, and the token of the next. Tokens are the name of the last item. */
function page(
  names: readonly string[],
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
): { names: string[]; token: string | undefined } {
  const size = within('MaxResults', input.MaxResults, [1, MAX_PAGE]) ?? MAX_PAGE;
  const after = input.NextToken === undefined ? '' : Buffer.from(input.NextToken, 'base64').toString();
  const rest = names.filter((name) => name > after);
  const found = rest.slice(0, size);
  const last = found.at(-1);
  // AWS gives a token only to those who asked for pages.
  const hasMore = input.MaxResults !== undefined && rest.length > size && last !== undefined;
  return { names: found, token: hasMore ? Buffer.from(last).toString('base64') : undefined };
}

function computed(queue: Queue, messages: MessageStore): Record<ComputedName, string> {
  const { visible, notVisible, delayed } = messages.counts(queue);
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(notVisible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    QueueArn: queue.arn,
  };
}

function attributesOf(queue: Queue, messages: MessageStore, names: readonly string[]): Record<string, unknown> {
  checkNames(names);
  const all = { ...queue.attributes, ...computed(queue, messages) };
  const wanted = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
}

/** Actions on queues themselves. */
export function queueActions({ queues, messages, tasks, deleteQueue }: QueueActionParts): Record<string, JsonAction> {
  return {
    CreateQueue: (raw) => {
      const { QueueName, Attributes, tags } = readInput(inputs.CreateQueue, raw);
      return { QueueUrl: queues.url(queues.create(QueueName, Attributes, tags).name) };
    },
    DeleteQueue: (raw) => {
      deleteQueue(queues.byUrl(readInput(inputs.inQueue, raw).QueueUrl));
      return {};
    },
    GetQueueUrl: (raw) => ({ QueueUrl: queues.url(queues.get(readInput(inputs.GetQueueUrl, raw).QueueName).name) }),
    ListQueues: (raw) => {
      const input = readInput(inputs.ListQueues, raw);
      const matching = queues.list().map(({ name }) => name);
      const { names, token } = page(
        matching.filter((name) => name.startsWith(input.QueueNamePrefix)),
        input,
      );
      return { QueueUrls: names.map((name) => queues.url(name)), NextToken: token };
    },
    GetQueueAttributes: (raw) => {
      const { QueueUrl, AttributeNames } = readInput(inputs.GetQueueAttributes, raw);
      return attributesOf(queues.byUrl(QueueUrl), messages, AttributeNames ?? []);
    },
    SetQueueAttributes: (raw) => {
      const { QueueUrl, Attributes } = readInput(inputs.SetQueueAttributes, raw);
      queues.setAttributes(queues.byUrl(QueueUrl), Attributes);
      return {};
    },
    PurgeQueue: (raw) => {
      messages.purge(queues.byUrl(readInput(inputs.inQueue, raw).QueueUrl));
      return {};
    },
    TagQueue: (raw) => {
      const { QueueUrl, Tags } = readInput(inputs.TagQueue, raw);
      const queue = queues.byUrl(QueueUrl);
      queues.setTags(queue, { ...queue.tags, ...Tags });
      return {};
    },
    UntagQueue: (raw) => {
      const { QueueUrl, TagKeys } = readInput(inputs.UntagQueue, raw);
      const queue = queues.byUrl(QueueUrl);
      queues.setTags(queue, Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !TagKeys.includes(key))));
      return {};
    },
    ListQueueTags: (raw) => ({ Tags: queues.byUrl(readInput(inputs.inQueue, raw).QueueUrl).tags }),
    ListDeadLetterSourceQueues: (raw) => {
      const input = readInput(inputs.ListDeadLetterSourceQueues, raw);
      const sources = queues.sourcesOf(queues.byUrl(input.QueueUrl).arn).map(({ name }) => name);
      const { names, token } = page(sources, input);
      return { queueUrls: names.map((name) => queues.url(name)), NextToken: token };
    },
    ...moveActions(tasks),
  };
}

function moveActions(tasks: MoveTasks): Record<string, JsonAction> {
  return {
    StartMessageMoveTask: (raw) => {
      const input = readInput(inputs.StartMessageMoveTask, raw);
      const limit = input.MaxNumberOfMessagesPerSecond;
      const perSecond = within('MaxNumberOfMessagesPerSecond', limit, [1, MAX_MOVES_PER_SECOND]);
      return { TaskHandle: tasks.start(input.SourceArn, { destinationArn: input.DestinationArn, perSecond }) };
    },
    ListMessageMoveTasks: (raw) => {
      const input = readInput(inputs.ListMessageMoveTasks, raw);
      return { Results: tasks.list(input.SourceArn, within('MaxResults', input.MaxResults, [1, MAX_TASKS]) ?? 1) };
    },
    CancelMessageMoveTask: (raw) => ({
      ApproximateNumberOfMessagesMoved: tasks.cancel(readInput(inputs.CancelMessageMoveTask, raw).TaskHandle),
    }),
  };
}
