import type { Json } from './json.ts';
import { asList, at, text } from './json.ts';
import type { Resource, ServiceTemplate } from './template.ts';
import { literal, resourcesOf, target } from './template.ts';

const deadLetterTargets = (template: ServiceTemplate): Set<string> =>
  new Set(
    resourcesOf(template).flatMap(({ properties }) => [
      target(at(properties, 'RedrivePolicy', 'deadLetterTargetArn')),
      // Asynchronous Lambda failures and scheduler or rule targets may end in a queue, too.
      target(at(properties, 'DestinationConfig', 'OnFailure', 'Destination')),
      target(at(properties, 'DeadLetterConfig', 'TargetArn')),
      target(at(properties, 'Target', 'DeadLetterConfig', 'Arn')),
      ...asList(properties['Targets']).map((one) => target(at(one, 'DeadLetterConfig', 'Arn'))),
    ]),
  );

/** A message that cannot be handled must end somewhere: every queue has a dead-letter queue or is one. */
export const checkQueues = (template: ServiceTemplate): string[] => {
  const deadLetters = deadLetterTargets(template);
  return resourcesOf(template, 'AWS::SQS::Queue')
    .filter(({ id, properties }) => properties['RedrivePolicy'] === undefined && !deadLetters.has(id))
    .map(({ id }) => `expected a RedrivePolicy on queue ${id} but received none`);
};

/** AWS asks for six times the function's timeout, so that a message is not seen twice while retries of the poller run. */
const VISIBILITY_FACTOR = 6;

/** SQS sources report failures by item, and their queue hides a message long enough. */
export const checkQueueSources = (template: ServiceTemplate): string[] => {
  const byId = new Map(resourcesOf(template).map((resource) => [resource.id, resource.properties]));
  return resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap(({ id, properties }) => {
    const queue = byId.get(target(properties['EventSourceArn']));
    if (queue === undefined) return [];
    const complaints: string[] = [];
    if (!asList(properties['FunctionResponseTypes']).includes('ReportBatchItemFailures')) {
      complaints.push(
        `expected ReportBatchItemFailures on ${id} but received none: one bad message would repeat its whole batch`,
      );
    }
    const timeout = byId.get(target(properties['FunctionName']))?.['Timeout'];
    const visibility = queue['VisibilityTimeout'];
    if (typeof timeout === 'number' && typeof visibility === 'number' && visibility < VISIBILITY_FACTOR * timeout) {
      complaints.push(
        `expected VisibilityTimeout of at least ${VISIBILITY_FACTOR * timeout} s for ${id} but received ${visibility} s`,
      );
    }
    return complaints;
  });
};

const BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

const isTrue = (value: Json | undefined): boolean => value === true || value === 'true';

const tlsOnlyBuckets = (template: ServiceTemplate): Set<string> =>
  new Set(
    resourcesOf(template, 'AWS::S3::BucketPolicy')
      .filter(({ properties }) =>
        asList(at(properties, 'PolicyDocument', 'Statement')).some(
          (statement) =>
            text(statement, 'Effect') === 'Deny' &&
            ['false', false].includes(at(statement, 'Condition', 'Bool', 'aws:SecureTransport') as string | boolean),
        ),
      )
      .map(({ properties }) => target(properties['Bucket'])),
  );

/** Buckets are closed to the public, encrypted, and speak TLS only. */
export const checkBuckets = (template: ServiceTemplate): string[] => {
  const tlsOnly = tlsOnlyBuckets(template);
  return resourcesOf(template, 'AWS::S3::Bucket').flatMap(({ id, properties }) => {
    const open = BLOCKS.filter((block) => !isTrue(at(properties, 'PublicAccessBlockConfiguration', block)));
    return [
      ...open.map((block) => `expected ${block} on bucket ${id} but received nothing`),
      ...(properties['BucketEncryption'] === undefined
        ? [`expected BucketEncryption on bucket ${id} but received none`]
        : []),
      ...(tlsOnly.has(id) ? [] : [`expected a policy that denies plain HTTP on bucket ${id} but received none`]),
    ];
  });
};

/** Logs cost money for ever unless they are told when to go. */
export const checkLogGroups = (template: ServiceTemplate): string[] =>
  resourcesOf(template, 'AWS::Logs::LogGroup')
    .filter(({ properties }) => typeof properties['RetentionInDays'] !== 'number')
    .map(({ id }) => `expected RetentionInDays on log group ${id} but received none`);

/** Longest names by type and property (service quotas). */
const NAME_LIMITS: Readonly<Record<string, readonly [property: string, limit: number]>> = {
  'AWS::CloudFront::Function': ['Name', 64],
  'AWS::IAM::Role': ['RoleName', 64],
  'AWS::Lambda::Function': ['FunctionName', 64],
  'AWS::S3::Bucket': ['BucketName', 63],
  'AWS::SQS::Queue': ['QueueName', 80],
  'AWS::StepFunctions::StateMachine': ['StateMachineName', 80],
};

const nameComplaint = ({ id, type, properties }: Resource): string[] => {
  const rule = NAME_LIMITS[type];
  const name = rule && literal(properties[rule[0]]);
  if (rule === undefined || name === undefined || name.length <= rule[1]) return [];
  return [`expected at most ${rule[1]} characters for the name of ${id} but received ${name.length}: ${name}`];
};

/** Names fit their quota in the region with the longest name. */
export const checkNames = (template: ServiceTemplate): string[] => resourcesOf(template).flatMap(nameComplaint);

const isEdge = (template: ServiceTemplate, id: string): boolean =>
  resourcesOf(template, 'AWS::CloudFront::Distribution').some(({ properties }) =>
    JSON.stringify(properties).includes(`"${id}`),
  );

/** Functions run on arm64, where sharp was packed for and a millisecond is a fifth cheaper. Lambda@Edge knows x86 only. */
export const checkArchitecture = (template: ServiceTemplate): string[] =>
  resourcesOf(template, 'AWS::Lambda::Function')
    .filter(({ id }) => !isEdge(template, id))
    .filter(({ properties }) => text(properties, 'Runtime').startsWith('nodejs'))
    .filter(({ properties }) => !asList(properties['Architectures']).includes('arm64'))
    .map(({ id }) => `expected Architectures [arm64] on function ${id} but received another`);
