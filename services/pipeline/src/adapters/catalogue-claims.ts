import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { TransientError } from '@darkroom/runtime/errors';
import { leaseShardOf } from '@darkroom/types/catalogue';
import { type ImageRecord, imageRecordSchema } from '@darkroom/types/image';
import { type ClaimCandidate, decideClaim } from '../core/claim.ts';
import { instantOf } from '../core/instant.ts';
import type { ClaimImage } from '../ports.ts';

/** How often a claim is tried while others change the record between its write and its reading. Two contenders need two. */
const MAX_ROUNDS = 4;

const ABANDONED = [
  '(#status = :PROCESSING AND (attribute_not_exists(#leaseUntil) OR #leaseUntil < :now))',
  '(#status = :PROCESSING AND #claimMessageId = :claimMessageId AND #claimReceiveCount < :claimReceiveCount)',
];
const UNKNOWN = 'attribute_not_exists(#imageId)';
const REPLACED = '(#status <> :DELETED AND #etag <> :etag AND #sequencer < :sequencer)';

/** `decideClaim` in DynamoDB's words; test/claim.contract.test.ts holds the two together. */
const conditionFor = ({ facts }: ClaimCandidate): string =>
  (facts === null ? ABANDONED : [UNKNOWN, ...ABANDONED, REPLACED]).join(' OR ');

/** What every claim writes. */
const leaseAttributes = (candidate: ClaimCandidate, now: number, leaseMs: number) => ({
  status: 'PROCESSING',
  leaseShard: leaseShardOf(candidate.imageId),
  leaseUntil: now + leaseMs,
  claimMessageId: candidate.messageId,
  claimReceiveCount: candidate.receiveCount,
  updatedAt: instantOf(now),
});

/** What a claim that has seen the object writes besides; an earlier end under the same key is undone. */
const imageAttributes = ({ bucket, key, facts }: ClaimCandidate) =>
  facts && {
    schemaVersion: 1,
    tenant: facts.tenant,
    owner: facts.owner,
    etag: facts.etag,
    bucket,
    key,
    bytes: facts.bytes,
    filename: facts.filename,
    declaredType: facts.declaredType,
    terminalAt: null,
    reason: null,
    header: null,
    metadata: null,
    variants: [],
  };

/** What a redrive does not know better than the record. */
const newsAttributes = ({ facts, sequencer, uploadedAt }: ClaimCandidate) => facts && { sequencer, uploadedAt };

const placeholders = (names: Iterable<string>): Record<string, string> =>
  Object.fromEntries([...names].map((name) => [`#${name}`, name]));

const valuesOf = (attributes: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value]));

/** Attributes that the condition and the attempt's count name, beside those that are written. */
const CONDITION_NAMES = ['imageId', 'attempt', 'etag', 'sequencer'];

const claimInput = (candidate: ClaimCandidate, now: number, { table, leaseMs }: ClaimTable): UpdateCommandInput => {
  const set = { ...leaseAttributes(candidate, now, leaseMs), ...imageAttributes(candidate) };
  const news = newsAttributes(candidate) ?? {};
  const kept = (name: string) => (candidate.redrive ? `if_not_exists(#${name}, :${name})` : `:${name}`);
  const sets = [
    '#attempt = if_not_exists(#attempt, :zero) + :one',
    ...Object.keys(set).map((name) => `#${name} = :${name}`),
    ...Object.keys(news).map((name) => `#${name} = ${kept(name)}`),
  ];
  const written = Object.keys({ ...set, ...news });
  const needed = candidate.facts === null ? ['attempt'] : CONDITION_NAMES;
  return {
    TableName: table,
    Key: { imageId: candidate.imageId },
    UpdateExpression: `SET ${sets.join(', ')} REMOVE #expiresAt`,
    ConditionExpression: conditionFor(candidate),
    ExpressionAttributeNames: placeholders(new Set([...written, ...needed, 'expiresAt'])),
    ExpressionAttributeValues: {
      ...valuesOf({ ...set, ...news, now, zero: 0, one: 1, PROCESSING: 'PROCESSING' }),
      ...(candidate.facts !== null && { ':DELETED': 'DELETED' }),
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
};

interface ClaimTable {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** How long a claim holds, in milliseconds. */
  readonly leaseMs: number;
}

/** The record that stood in the way. DynamoDB sends it with the refusal; stand-ins may not, and are asked. */
const obstacle = async (
  { client, table }: ClaimTable,
  imageId: string,
  refusal: ConditionalCheckFailedException,
): Promise<ImageRecord | undefined> => {
  if (refusal.Item !== undefined) return imageRecordSchema.parse(unmarshall(refusal.Item));
  const { Item } = await client.send(new GetCommand({ TableName: table, Key: { imageId }, ConsistentRead: true }));
  return Item === undefined ? undefined : imageRecordSchema.parse(Item);
};

/** The written record, or what refused the write. */
const attempted = async (
  claims: ClaimTable,
  candidate: ClaimCandidate,
  now: number,
): Promise<{ written: ImageRecord } | { existing: ImageRecord | undefined }> => {
  try {
    const { Attributes } = await claims.client.send(new UpdateCommand(claimInput(candidate, now, claims)));
    return { written: imageRecordSchema.parse(Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { existing: await obstacle(claims, candidate.imageId, error) };
  }
};

/**
 * Claims by one conditional UpdateItem; `decideClaim` explains a refusal. When the SDK repeated a write whose answer was
 * lost, the refusal shows our own claim, and it counts. Throws TransientError when the record keeps changing underneath.
 */
export const createClaimImage =
  (claims: ClaimTable): ClaimImage =>
  async (candidate, now) => {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const answer = await attempted(claims, candidate, now);
      if ('written' in answer) return { kind: 'claimed', record: answer.written };
      const { existing } = answer;
      const decision = decideClaim(existing, candidate, now);
      if (decision.kind === 'mine' && existing !== undefined) return { kind: 'claimed', record: existing };
      if (decision.kind !== 'claim' && decision.kind !== 'mine') return { kind: decision.kind };
      // Claimable now, though not a moment ago: the record changed between the two.
    }
    throw new TransientError(`the record of ${candidate.imageId} changed ${MAX_ROUNDS} times while it was claimed`);
  };
