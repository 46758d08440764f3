import type { Resource, ServiceModel } from './service-model.ts';
import { textOf } from './values.ts';

/** Addresses of the running stand-in that templates may refer to. */
export interface CloudAddress {
  readonly region: string;
  readonly accountId: string;
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  /** `http://127.0.0.1:4567` */
  readonly apiUrl: string;
  /** `127.0.0.1:4568`, host and port of the local CDN. */
  readonly cdnHost: string;
}

interface Naming {
  /** Property that holds the physical name. */
  readonly nameProperty: string;
  /** What Ref gives; the name unless said otherwise. */
  readonly ref?: (name: string, cloud: CloudAddress) => string;
  readonly attributes: (name: string, cloud: CloudAddress) => Record<string, string>;
}

function arn(service: string, resource: string, cloud: CloudAddress): string {
  return `arn:aws:${service}:${cloud.region}:${cloud.accountId}:${resource}`;
}

function functionOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? nameOrArn) : nameOrArn;
}

/**
 * URL of a function. The function is in the host, as on AWS, so that templates may cut the domain name out of it;
 * the host needs no name service because the stand-in's own CDN and gateway read it.
 */
export function functionUrl(name: string, cloud: Pick<CloudAddress, 'apiUrl'>): string {
  return `http://${functionOf(name).toLowerCase()}.lambda-url.localhost:${new URL(cloud.apiUrl).port}/`;
}

const NAMINGS: Readonly<Record<string, Naming>> = {
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    attributes: (name, { region }) => ({
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    }),
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: (name, cloud) => `${cloud.endpoint}/${cloud.accountId}/${name}`,
    attributes: (name, cloud) => ({
      Arn: arn('sqs', name, cloud),
      QueueName: name,
      QueueUrl: `${cloud.endpoint}/${cloud.accountId}/${name}`,
    }),
  },
  'AWS::DynamoDB::Table': {
    nameProperty: 'TableName',
    attributes: (name, cloud) => ({ Arn: arn('dynamodb', `table/${name}`, cloud) }),
  },
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    attributes: (name, cloud) => ({ Arn: arn('lambda', `function:${name}`, cloud) }),
  },
  'AWS::Lambda::Url': {
    nameProperty: 'TargetFunctionName',
    ref: (name, cloud) => arn('lambda', `function:${functionOf(name)}`, cloud),
    attributes: (name, cloud) => ({
      FunctionUrl: functionUrl(name, cloud),
      FunctionArn: arn('lambda', `function:${functionOf(name)}`, cloud),
    }),
  },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    ref: (name, cloud) => arn('states', `stateMachine:${name}`, cloud),
    attributes: (name, cloud) => ({ Arn: arn('states', `stateMachine:${name}`, cloud), Name: name }),
  },
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    attributes: (name, cloud) => ({ Arn: arn('events', `event-bus/${name}`, cloud), Name: name }),
  },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    attributes: (name, cloud) => ({ Arn: arn('events', `rule/${name}`, cloud) }),
  },
  'AWS::SSM::Parameter': {
    nameProperty: 'Name',
    attributes: () => ({}),
  },
  'AWS::ApiGatewayV2::Api': {
    nameProperty: 'Name',
    attributes: (_name, cloud) => ({ ApiEndpoint: cloud.apiUrl }),
  },
  'AWS::CloudFront::Distribution': {
    nameProperty: '',
    attributes: (name, cloud) => ({ DomainName: cloud.cdnHost, Id: name }),
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    attributes: (name, cloud) => ({ Arn: `${arn('logs', `log-group:${name}`, cloud)}:*` }),
  },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    attributes: (name, { accountId }) => ({ Arn: `arn:aws:iam::${accountId}:role/${name}`, RoleId: name }),
  },
};

export interface ResourceIdentity {
  readonly name: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** CloudFormation's generated name; buckets and queues may not hold capitals or be long, so the same is done for all. */
function generatedName(model: ServiceModel, resource: Resource): string {
  return `${model.stackName}-${resource.logicalId}`.toLowerCase();
}

function inertArn(type: string, name: string, cloud: CloudAddress): string {
  return arn(
    type.split('::')[1]?.toLowerCase() ?? 'unknown',
    `${type.split('::')[2]?.toLowerCase() ?? 'resource'}/${name}`,
    cloud,
  );
}

/** Physical name, Ref and GetAtt of a resource. A type that is not emulated gets a stable inert identity. */
export function identify(
  model: ServiceModel,
  resource: Resource,
  given: { cloud: CloudAddress; name: unknown },
): ResourceIdentity {
  const naming = NAMINGS[resource.type];
  const name = textOf(given.name) ?? generatedName(model, resource);
  if (!naming) return { name, ref: name, attributes: { Arn: inertArn(resource.type, name, given.cloud) } };
  return { name, ref: naming.ref?.(name, given.cloud) ?? name, attributes: naming.attributes(name, given.cloud) };
}

/** An attribute of a resource; a type that is not emulated has whatever is asked: its ARN for ARNs, its name for the rest. */
export function attributeOf(resource: Resource, identity: ResourceIdentity, attribute: string): string | undefined {
  if (isEmulated(resource.type)) return identity.attributes[attribute];
  return /arn$/i.test(attribute) ? identity.attributes.Arn : identity.name;
}

/** The property that names resources of this type, or undefined where only CloudFormation names them. */
export function namePropertyOf(type: string): string | undefined {
  const property = NAMINGS[type]?.nameProperty ?? 'Name';
  return property === '' ? undefined : property;
}

export function isEmulated(type: string): boolean {
  return Object.hasOwn(NAMINGS, type);
}
