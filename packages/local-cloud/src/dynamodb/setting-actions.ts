import type { CloudContext, JsonAction } from '../service.ts';
import type { Input } from './engine.ts';
import { saveSettings, settingsOf, tableOfArn, type Tag } from './settings.ts';
import type { Store } from './store.ts';
import { tableOf, validationError } from './tables.ts';

/** Days that a table can be restored to, AWS's maximum and default. */
const RECOVERY_DAYS = 35;
const DAY_SECONDS = 86_400;

/** @throws AwsError ValidationException */
function ttlSpecification(input: Input): { AttributeName: string; Enabled: boolean } {
  const { AttributeName, Enabled } = (input.TimeToLiveSpecification ?? {}) as Input;
  if (typeof AttributeName === 'string' && AttributeName !== '' && typeof Enabled === 'boolean') {
    return { AttributeName, Enabled };
  }
  throw validationError(
    "1 validation error detected: Value at 'timeToLiveSpecification' failed to satisfy constraint: Member must hold AttributeName and Enabled",
  );
}

function updateTimeToLive(store: Store, input: Input): Input {
  const { TableName } = tableOf(store, input.TableName);
  const { AttributeName, Enabled } = ttlSpecification(input);
  const { ttlAttribute, ...rest } = settingsOf(store, TableName);
  if (Enabled && ttlAttribute !== undefined) throw validationError('TimeToLive is already enabled');
  if (!Enabled && ttlAttribute === undefined) throw validationError('TimeToLive is already disabled');
  if (!Enabled && ttlAttribute !== AttributeName) {
    throw validationError(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${String(ttlAttribute)}`,
    );
  }
  saveSettings(store, TableName, Enabled ? { ...rest, ttlAttribute: AttributeName } : rest);
  return { TimeToLiveSpecification: { AttributeName, Enabled } };
}

function describeTimeToLive(store: Store, input: Input): Input {
  const { ttlAttribute } = settingsOf(store, tableOf(store, input.TableName).TableName);
  return {
    TimeToLiveDescription:
      ttlAttribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute },
  };
}

function tagActions(store: Store): Record<string, JsonAction> {
  return {
    TagResource: (input) => {
      const table = tableOfArn(store, input.ResourceArn);
      const settings = settingsOf(store, table);
      const given = (input.Tags ?? []) as Tag[];
      const names = new Set(given.map(({ Key }) => Key));
      const kept = (settings.tags ?? []).filter(({ Key }) => !names.has(Key));
      saveSettings(store, table, { ...settings, tags: [...kept, ...given] });
      return {};
    },
    UntagResource: (input) => {
      const table = tableOfArn(store, input.ResourceArn);
      const settings = settingsOf(store, table);
      const names = new Set((input.TagKeys ?? []) as string[]);
      saveSettings(store, table, { ...settings, tags: (settings.tags ?? []).filter(({ Key }) => !names.has(Key)) });
      return {};
    },
    ListTagsOfResource: (input) => ({ Tags: settingsOf(store, tableOfArn(store, input.ResourceArn)).tags ?? [] }),
  };
}

function backups(store: Store, context: CloudContext, input: Input): Input {
  const { TableName, CreationDateTime } = tableOf(store, input.TableName);
  const isOn = settingsOf(store, TableName).pointInTimeRecovery === true;
  const now = Math.floor(context.now() / 1000);
  const earliest = Math.max(Math.floor(Number(CreationDateTime)), now - RECOVERY_DAYS * DAY_SECONDS);
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: isOn
        ? {
            PointInTimeRecoveryStatus: 'ENABLED',
            RecoveryPeriodInDays: RECOVERY_DAYS,
            EarliestRestorableDateTime: earliest,
            LatestRestorableDateTime: now,
          }
        : { PointInTimeRecoveryStatus: 'DISABLED' },
    },
  };
}

/** TTL, tags and point-in-time recovery. The last is stored and answered only: nothing can be restored here. */
export function settingActions(store: Store, context: CloudContext): Record<string, JsonAction> {
  return {
    ...tagActions(store),
    UpdateTimeToLive: (input) => updateTimeToLive(store, input),
    DescribeTimeToLive: (input) => describeTimeToLive(store, input),
    DescribeContinuousBackups: (input) => backups(store, context, input),
    UpdateContinuousBackups: (input) => {
      const { TableName } = tableOf(store, input.TableName);
      const wish = (input.PointInTimeRecoverySpecification as Input | undefined)?.PointInTimeRecoveryEnabled;
      if (typeof wish !== 'boolean') {
        throw validationError(
          "1 validation error detected: Value null at 'pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled' failed to satisfy constraint: Member must not be null",
        );
      }
      saveSettings(store, TableName, { ...settingsOf(store, TableName), pointInTimeRecovery: wish });
      return backups(store, context, input);
    },
  };
}
