import type { Stack } from './stack.ts';
import { call, callUnless, type CloudTargets } from './targets.ts';
import { dictOf, isDict, textOf, type Dict } from './values.ts';

/** Queue attributes of CloudFormation that the API takes under the same name. */
const ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoThroughputLimit',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'VisibilityTimeout',
];

interface QueuePlan {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly isFifo: boolean;
}

function planOf(stack: Stack, logicalId: string, raw: Dict): QueuePlan {
  const properties = stack.resolveDict(raw);
  const attributes: Record<string, string> = {};
  for (const name of ATTRIBUTES) {
    const value = properties[name];
    if (value === undefined) continue;
    attributes[name] = isDict(value) ? JSON.stringify(value) : String(textOf(value));
  }
  const name = stack.identity(logicalId)?.name ?? logicalId;
  return { name, attributes, isFifo: properties.FifoQueue === true || name.endsWith('.fifo') };
}

async function createQueue(targets: CloudTargets, { name, attributes, isFifo }: QueuePlan): Promise<void> {
  const request = { action: 'GetQueueUrl', input: { QueueName: name } };
  const existing = await callUnless(targets.sqs, ['QueueDoesNotExist', 'NonExistentQueue'], request);
  if (!existing) {
    const all = isFifo ? { ...attributes, FifoQueue: 'true' } : attributes;
    await call(targets.sqs, 'CreateQueue', { QueueName: name, Attributes: all });
  } else if (Object.keys(attributes).length > 0) {
    await call(targets.sqs, 'SetQueueAttributes', { QueueUrl: existing.QueueUrl, Attributes: attributes });
  }
}

/** Creates the queues of all stacks, those that others redrive to first; existing ones get their attributes, messages stay. */
export async function createQueues(stacks: readonly Stack[], targets: CloudTargets): Promise<void> {
  const plans = stacks.flatMap((stack) =>
    stack
      .resourcesOf('AWS::SQS::Queue')
      .map(({ logicalId, properties }) => planOf(stack, logicalId, dictOf(properties))),
  );
  const order = (plan: QueuePlan): number => Number('RedrivePolicy' in plan.attributes);
  for (const plan of plans.sort((left, right) => order(left) - order(right))) await createQueue(targets, plan);
}
