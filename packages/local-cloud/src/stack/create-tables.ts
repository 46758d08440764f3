import type { Stack } from './stack.ts';
import { call, callUnless, type CloudTargets } from './targets.ts';
import { dictOf, isTrue, listOf, type Dict } from './values.ts';

/** Properties whose shape is the same in CloudFormation and in CreateTable. */
const SHARED = [
  'AttributeDefinitions',
  'KeySchema',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'ProvisionedThroughput',
];

const INDEX_PROPERTIES = ['IndexName', 'KeySchema', 'Projection', 'ProvisionedThroughput'];

function pick(source: Dict, names: readonly string[]): Dict {
  return Object.fromEntries(names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]]])));
}

/** CloudFormation accepts numbers as text (parameters are text); the API does not. */
function withNumbers(throughput: unknown): Dict {
  return Object.fromEntries(Object.entries(dictOf(throughput)).map(([name, value]) => [name, Number(value)]));
}

function createInput(name: string, properties: Dict): Dict {
  const billing =
    properties.BillingMode ?? (properties.ProvisionedThroughput === undefined ? 'PAY_PER_REQUEST' : 'PROVISIONED');
  const input: Dict = { TableName: name, BillingMode: billing, ...pick(properties, SHARED) };
  if (input.ProvisionedThroughput !== undefined) input.ProvisionedThroughput = withNumbers(input.ProvisionedThroughput);
  const indexes = listOf(properties.GlobalSecondaryIndexes).map((index) => pick(dictOf(index), INDEX_PROPERTIES));
  if (indexes.length > 0) input.GlobalSecondaryIndexes = indexes;
  return input;
}

async function addMissingIndexes(targets: CloudTargets, wanted: Dict, existing: Dict): Promise<void> {
  const present = new Set(listOf(existing.GlobalSecondaryIndexes).map((index) => dictOf(index).IndexName));
  for (const index of listOf(wanted.GlobalSecondaryIndexes).map(dictOf)) {
    if (present.has(index.IndexName)) continue;
    await call(targets.dynamodb, 'UpdateTable', {
      TableName: wanted.TableName,
      AttributeDefinitions: wanted.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
  }
}

async function setTimeToLive(targets: CloudTargets, name: string, specification: unknown): Promise<void> {
  const wanted = dictOf(specification);
  if (wanted.AttributeName === undefined) return;
  const current = dictOf(
    (await call(targets.dynamodb, 'DescribeTimeToLive', { TableName: name })).TimeToLiveDescription,
  );
  const isEnabled = current.TimeToLiveStatus === 'ENABLED';
  const shouldBe = isTrue(wanted.Enabled);
  if (isEnabled === shouldBe) return;
  await call(targets.dynamodb, 'UpdateTimeToLive', {
    TableName: name,
    TimeToLiveSpecification: { AttributeName: wanted.AttributeName, Enabled: shouldBe },
  });
}

/** Creates tables that do not exist; existing ones get indexes that are new. Items are never touched. */
export async function createTables(stacks: readonly Stack[], targets: CloudTargets): Promise<void> {
  for (const stack of stacks) {
    for (const { logicalId, properties: raw } of stack.resourcesOf('AWS::DynamoDB::Table')) {
      const properties = stack.resolveDict(raw);
      const input = createInput(stack.identity(logicalId)?.name ?? logicalId, properties);
      const request = { action: 'DescribeTable', input: { TableName: input.TableName } };
      const existing = await callUnless(targets.dynamodb, ['ResourceNotFoundException'], request);
      if (existing) await addMissingIndexes(targets, input, dictOf(existing.Table));
      else await call(targets.dynamodb, 'CreateTable', input);
      await setTimeToLive(targets, String(input.TableName), properties.TimeToLiveSpecification);
    }
  }
}
