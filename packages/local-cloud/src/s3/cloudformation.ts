import type { XmlNode } from './http/xml.ts';
import type { BucketConfig } from './store/buckets.ts';

type Dict = Readonly<Record<string, unknown>>;

function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dict(value: unknown): Dict {
  return isDict(value) ? value : {};
}

function dicts(value: unknown): Dict[] {
  return Array.isArray(value) ? value.filter(isDict) : [];
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
}

/** Drops what was not given, so that the document reads as if it had been put without it. */
function compact(entries: Readonly<Record<string, unknown>>): XmlNode {
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  ) as XmlNode;
}

/** Numbers and booleans of a template as the text that a document has. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function corsOf(configuration: unknown): XmlNode {
  return {
    CORSRule: dicts(dict(configuration)['CorsRules']).map((rule) =>
      compact({
        ID: textOf(rule['Id']),
        AllowedOrigin: texts(rule['AllowedOrigins']),
        AllowedMethod: texts(rule['AllowedMethods']),
        AllowedHeader: texts(rule['AllowedHeaders']),
        ExposeHeader: texts(rule['ExposedHeaders']),
        MaxAgeSeconds: textOf(rule['MaxAge']),
      }),
    ),
  };
}

function expirationOf(rule: Dict): XmlNode | undefined {
  const [days, date] = [textOf(rule['ExpirationInDays']), textOf(rule['ExpirationDate'])];
  if (days === undefined && date === undefined) return undefined;
  return compact({ Days: days, Date: date });
}

function lifecycleOf(configuration: unknown): XmlNode {
  return {
    Rule: dicts(dict(configuration)['Rules']).map((rule) => {
      const abort = dict(rule['AbortIncompleteMultipartUpload']);
      const filter = compact({
        Prefix: textOf(rule['Prefix']) ?? '',
        Tag: dicts(rule['TagFilters']).map((tag) => compact({ Key: textOf(tag['Key']), Value: textOf(tag['Value']) })),
        ObjectSizeGreaterThan: textOf(rule['ObjectSizeGreaterThan']),
        ObjectSizeLessThan: textOf(rule['ObjectSizeLessThan']),
      });
      return compact({
        ID: textOf(rule['Id']),
        Status: textOf(rule['Status']),
        Filter: Object.keys(filter).length > 1 ? { And: filter } : filter,
        Expiration: expirationOf(rule),
        AbortIncompleteMultipartUpload:
          'DaysAfterInitiation' in abort ? { DaysAfterInitiation: textOf(abort['DaysAfterInitiation']) } : undefined,
      });
    }),
  };
}

/** Rules of one event each, as CloudFormation writes them. */
function notificationOf(configuration: unknown): XmlNode {
  const rules = dicts(dict(configuration)['QueueConfigurations']).map((rule, index) =>
    compact({
      Id: `rule-${index + 1}`,
      Queue: textOf(rule['Queue']),
      Event: texts(rule['Event']),
      Filter: {
        S3Key: {
          FilterRule: dicts(dict(dict(rule['Filter'])['S3Key'])['Rules']).map((one) =>
            compact({ Name: textOf(one['Name']), Value: textOf(one['Value']) }),
          ),
        },
      },
    }),
  );
  const bridge = dict(configuration)['EventBridgeConfiguration'] === undefined ? {} : { EventBridgeConfiguration: {} };
  return compact({ QueueConfiguration: rules, ...bridge });
}

function encryptionOf(configuration: unknown): XmlNode {
  return {
    Rule: dicts(dict(configuration)['ServerSideEncryptionConfiguration']).map((rule) => {
      const byDefault = dict(rule['ServerSideEncryptionByDefault']);
      return compact({
        ApplyServerSideEncryptionByDefault: compact({
          SSEAlgorithm: textOf(byDefault['SSEAlgorithm']),
          KMSMasterKeyID: textOf(byDefault['KMSMasterKeyID']),
        }),
        BucketKeyEnabled: textOf(rule['BucketKeyEnabled']),
      });
    }),
  };
}

const simple = (configuration: unknown): XmlNode =>
  compact(Object.fromEntries(Object.entries(dict(configuration)).map(([name, value]) => [name, textOf(value)])));

const CONVERTERS: Readonly<Record<string, (value: unknown) => BucketConfig>> = {
  CorsConfiguration: (value) => ({ cors: corsOf(value) }),
  LifecycleConfiguration: (value) => ({ lifecycle: lifecycleOf(value) }),
  NotificationConfiguration: (value) => ({ notification: notificationOf(value) }),
  BucketEncryption: (value) => ({ encryption: encryptionOf(value) }),
  PublicAccessBlockConfiguration: (value) => ({ publicAccessBlock: simple(value) }),
  VersioningConfiguration: (value) => ({ versioning: simple(value) }),
  OwnershipControls: (value) => ({ ownershipControls: { Rule: dicts(dict(value)['Rules']).map(simple) } }),
  Tags: (value) => ({ tagging: { TagSet: { Tag: dicts(value).map(simple) } } }),
  PolicyDocument: (value) => ({ policy: typeof value === 'string' ? value : JSON.stringify(value) }),
};

/**
 * The documents of a bucket from the properties of `AWS::S3::Bucket` (and `PolicyDocument` of its `AWS::S3::BucketPolicy`).
 * Properties that S3 here does not know are left out; the stack's reader warns of them.
 */
export function configFromCloudFormation(properties: Dict): BucketConfig {
  return Object.assign(
    {},
    ...Object.entries(properties).map(([name, value]) =>
      value === undefined ? {} : (CONVERTERS[name]?.(value) ?? {}),
    ),
  ) as BucketConfig;
}
