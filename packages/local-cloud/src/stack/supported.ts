import type { Log } from '../service.ts';
import type { Stack } from './stack.ts';

/** Properties that have an effect here, by type. */
const EFFECTIVE: Readonly<Record<string, readonly string[]>> = {
  'AWS::S3::Bucket': [
    'BucketName',
    'CorsConfiguration',
    'LifecycleConfiguration',
    'NotificationConfiguration',
    'OwnershipControls',
    'PublicAccessBlockConfiguration',
    'VersioningConfiguration',
  ],
  'AWS::SQS::Queue': [
    'QueueName',
    'ContentBasedDeduplication',
    'DeduplicationScope',
    'DelaySeconds',
    'FifoQueue',
    'FifoThroughputLimit',
    'MaximumMessageSize',
    'MessageRetentionPeriod',
    'ReceiveMessageWaitTimeSeconds',
    'RedriveAllowPolicy',
    'RedrivePolicy',
    'VisibilityTimeout',
  ],
  'AWS::DynamoDB::Table': [
    'TableName',
    'AttributeDefinitions',
    'BillingMode',
    'GlobalSecondaryIndexes',
    'KeySchema',
    'LocalSecondaryIndexes',
    'ProvisionedThroughput',
    'TimeToLiveSpecification',
  ],
  'AWS::SSM::Parameter': ['Name', 'Type', 'Value'],
  'AWS::Events::EventBus': ['Name'],
  'AWS::Events::Rule': ['Name', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
  'AWS::StepFunctions::StateMachine': [
    'StateMachineName',
    'StateMachineType',
    'Definition',
    'DefinitionString',
    'DefinitionSubstitutions',
  ],
};

/** Properties about security, cost and housekeeping of the real cloud: rightly without effect on one machine. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  'AWS::S3::Bucket': [
    'BucketEncryption',
    'IntelligentTieringConfigurations',
    'LoggingConfiguration',
    'MetricsConfigurations',
  ],
  'AWS::SQS::Queue': ['KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled'],
  'AWS::DynamoDB::Table': [
    'ContributorInsightsSpecification',
    'DeletionProtectionEnabled',
    'OnDemandThroughput',
    'PointInTimeRecoverySpecification',
    'SSESpecification',
    'TableClass',
  ],
  'AWS::SSM::Parameter': ['Description', 'Tier'],
  'AWS::Events::EventBus': ['Description', 'DeadLetterConfig'],
  'AWS::Events::Rule': ['Description', 'RoleArn'],
  'AWS::StepFunctions::StateMachine': ['LoggingConfiguration', 'RoleArn', 'TracingConfiguration'],
};

/** Says once for each resource which of its properties the stand-in does not act on. */
export function warnAboutUnsupported(stack: Stack, log: Log): void {
  for (const { type, logicalId, properties } of stack.resourcesOf()) {
    const effective = EFFECTIVE[type];
    if (!effective) continue;
    const known = new Set([...effective, ...(WITHOUT_EFFECT[type] ?? []), 'Tags']);
    const unknown = Object.keys(properties).filter((name) => !known.has(name));
    if (unknown.length > 0) {
      log('warn', 'properties have no effect in the embedded system', {
        service: stack.model.name,
        resource: logicalId,
        type,
        properties: unknown,
      });
    }
  }
}
