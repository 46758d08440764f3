import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Terminal } from '../core/store-plan.ts';
import type { BuryImage, Claim, GetImage, ReleaseClaim, SwapVersion, WriteTerminal, Written } from '../ports.ts';
import { parseRecord } from './records.ts';

/** What an item carries only while it is PROCESSING: without these it leaves the lease index. */
export const LEASE_ATTRIBUTES = ['leaseShard', 'leaseUntil'];
/**
 * The message that held the claim. It stays on a terminal record: when that message is handed out again, its holder died or
 * failed after the write, and the event may never have been sent (services/pipeline, `decideClaim`).
 */
export const HOLDER_ATTRIBUTES = ['claimMessageId', 'claimReceiveCount'];

/** What a model and a person said of the picture. */
const JUDGED_ATTRIBUTES = ['moderation', 'review'];

/** An update of one item: `set` and `remove` by attribute name. Every name goes through a placeholder: many are reserved words. */
export const updateOf = (set: Readonly<Record<string, unknown>>, remove: readonly string[]) => {
  const sets = Object.keys(set).map((name) => `#${name} = :${name}`);
  const removes = remove.map((name) => `#${name}`);
  return {
    UpdateExpression: `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`,
    names: Object.fromEntries([...Object.keys(set), ...remove].map((name) => [`#${name}`, name])),
    values: Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
  };
};

/** Runs a conditional update; undefined when its condition did not hold. */
export const updated = async (
  client: DynamoDBDocumentClient,
  input: UpdateCommandInput,
): Promise<Record<string, unknown> | undefined> => {
  try {
    return (await client.send(new UpdateCommand(input))).Attributes ?? {};
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
};

interface FencedWrites {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly getImage: GetImage;
}

const fenced = async (
  { client, table, getImage }: FencedWrites,
  { imageId, attempt }: Claim,
  update: ReturnType<typeof updateOf>,
): Promise<Written> => {
  const attributes = await updated(client, {
    TableName: table,
    Key: { imageId },
    UpdateExpression: update.UpdateExpression,
    ConditionExpression: '#attempt = :attempt AND #status = :processing',
    ExpressionAttributeNames: { ...update.names, '#attempt': 'attempt', '#status': 'status' },
    ExpressionAttributeValues: { ...update.values, ':attempt': attempt, ':processing': 'PROCESSING' },
    ReturnValues: 'ALL_NEW',
  });
  if (attributes !== undefined) return { held: true, record: parseRecord(attributes) };
  // Read apart from the write: whatever changed in between is newer still, and terminal states do not change back.
  return { held: false, existing: await getImage(imageId) };
};

const terminalAttributes = (terminal: Terminal): Record<string, unknown> =>
  terminal.status === 'READY' ? { ...terminal, reason: null } : { ...terminal };

export const createWriteTerminal =
  (writes: FencedWrites): WriteTerminal =>
  (claim, terminal, at) =>
    fenced(
      writes,
      claim,
      updateOf({ ...terminalAttributes(terminal), terminalAt: at, updatedAt: at }, LEASE_ATTRIBUTES),
    );

/** The lease ends now: should the dispatcher die before it gives the message back, the sweeper finds the image. */
export const createReleaseClaim =
  (writes: FencedWrites): ReleaseClaim =>
  (claim, message, now) =>
    fenced(
      writes,
      claim,
      updateOf({ reason: { code: 'INTERNAL', message }, leaseUntil: now, updatedAt: new Date(now).toISOString() }, []),
    );

/** Nothing but the version and the variants changes: what else is in the metadata may have been written meanwhile. */
export const createSwapVersion =
  ({ client, table, getImage }: FencedWrites): SwapVersion =>
  async ({ imageId, attempt }, { replaces, version, variants }, at) => {
    const attributes = await updated(client, {
      TableName: table,
      Key: { imageId },
      UpdateExpression: 'SET #metadata.#version = :version, #variants = :variants, #updatedAt = :at',
      ConditionExpression: '#attempt = :attempt AND #status = :ready AND #metadata.#version = :replaces',
      ExpressionAttributeNames: {
        '#attempt': 'attempt',
        '#metadata': 'metadata',
        '#status': 'status',
        '#updatedAt': 'updatedAt',
        '#variants': 'variants',
        '#version': 'version',
      },
      ExpressionAttributeValues: {
        ':attempt': attempt,
        ':at': at,
        ':ready': 'READY',
        ':replaces': replaces,
        ':variants': variants,
        ':version': version,
      },
      ReturnValues: 'ALL_NEW',
    });
    if (attributes !== undefined) return { held: true, record: parseRecord(attributes) };
    return { held: false, existing: await getImage(imageId) };
  };

/** A tombstone keeps what late events are compared with (etag, sequencer, key, attempt) and forgets what the picture was. */
export const createBuryImage =
  (client: DynamoDBDocumentClient, table: string): BuryImage =>
  async ({ imageId, tenant, at, expiresAt }) => {
    const forgotten = { filename: null, reason: null, header: null, metadata: null, variants: [] };
    const update = updateOf({ status: 'DELETED', updatedAt: at, expiresAt, ...forgotten }, [
      ...LEASE_ATTRIBUTES,
      ...HOLDER_ATTRIBUTES,
      ...JUDGED_ATTRIBUTES,
    ]);
    const old = await updated(client, {
      TableName: table,
      Key: { imageId },
      UpdateExpression: update.UpdateExpression,
      ConditionExpression: '#tenant = :tenant AND #status <> :status',
      ExpressionAttributeNames: { ...update.names, '#tenant': 'tenant' },
      ExpressionAttributeValues: { ...update.values, ':tenant': tenant },
      ReturnValues: 'ALL_OLD',
    });
    return old === undefined ? undefined : parseRecord(old);
  };
