import { AwsError } from '../service.ts';
import type { Input } from './engine.ts';
import type { Store } from './store.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** What a table has beside keys and indexes. Stored and answered; of these only TTL and deletion protection act. */
export interface TableSettings {
  readonly tags?: readonly Tag[];
  /** Attribute that holds the expiry, seconds since the epoch. */
  readonly ttlAttribute?: string;
  readonly pointInTimeRecovery?: boolean;
  readonly deletionProtection?: boolean;
  readonly sse?: unknown;
  readonly tableClass?: unknown;
}

const SPACE = 'settings';

export function settingsOf(store: Store, table: string): TableSettings {
  return store.read(SPACE, table) ?? {};
}

export function saveSettings(store: Store, table: string, settings: TableSettings): void {
  store.write(SPACE, table, settings);
}

export function forgetSettings(store: Store, table: string): void {
  store.erase(SPACE, table);
}

export function isProtected(store: Store, table: string): boolean {
  return settingsOf(store, table).deletionProtection === true;
}

/** CreateTable and UpdateTable say `Enabled`, CloudFormation's property of the same name says `SSEEnabled`. */
function sseOf(specification: Input): unknown {
  const isOn = specification.Enabled === true || specification.SSEEnabled === true;
  return isOn ? { Status: 'ENABLED', SSEType: specification.SSEType ?? 'KMS' } : undefined;
}

function ttlOf(specification: Input): TableSettings {
  if (typeof specification.AttributeName !== 'string') return {};
  return specification.Enabled === false ? {} : { ttlAttribute: specification.AttributeName };
}

/** Settings among the fields of CreateTable or UpdateTable, and of CloudFormation's AWS::DynamoDB::Table. */
function settingsIn(input: Input): TableSettings {
  const recovery = (input.PointInTimeRecoverySpecification as Input | undefined)?.PointInTimeRecoveryEnabled;
  return {
    ...(Array.isArray(input.Tags) ? { tags: input.Tags as Tag[] } : {}),
    ...(typeof input.DeletionProtectionEnabled === 'boolean'
      ? { deletionProtection: input.DeletionProtectionEnabled }
      : {}),
    ...(input.SSESpecification ? { sse: sseOf(input.SSESpecification as Input) } : {}),
    ...(input.TableClass === undefined ? {} : { tableClass: input.TableClass }),
    ...(typeof recovery === 'boolean' ? { pointInTimeRecovery: recovery } : {}),
    ...(input.TimeToLiveSpecification ? ttlOf(input.TimeToLiveSpecification as Input) : {}),
  };
}

export function applySettings(store: Store, table: string, input: Input): void {
  const given = settingsIn(input);
  if (Object.keys(given).length > 0) saveSettings(store, table, { ...settingsOf(store, table), ...given });
}

/** The settings that DescribeTable shows. */
export function extraFields(store: Store, table: string): Record<string, unknown> {
  const { deletionProtection = false, sse, tableClass } = settingsOf(store, table);
  return {
    DeletionProtectionEnabled: deletionProtection,
    ...(sse === undefined ? {} : { SSEDescription: sse }),
    ...(tableClass === undefined ? {} : { TableClassSummary: { TableClass: tableClass } }),
  };
}

/** @returns the name of the table of an ARN. @throws AwsError ResourceNotFoundException */
export function tableOfArn(store: Store, arn: unknown): string {
  const name = /:table\/([^/]+)$/.exec(String(arn))?.[1];
  if (name !== undefined && store.findTable(name)) return name;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${String(arn)} not found`);
}
