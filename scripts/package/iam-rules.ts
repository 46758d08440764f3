import type { Json, JsonObject } from './json.ts';
import { asList, isObject, text } from './json.ts';
import type { Resource, ServiceTemplate } from './template.ts';
import { resourcesOf } from './template.ts';

/**
 * Actions that AWS defines without a resource, so that `Resource: '*'` is the only way to grant them
 * (Service Authorization Reference). Everything else names what it touches.
 */
const RESOURCELESS = new Set([
  'cloudwatch:GetMetricData',
  'cloudwatch:PutMetricData',
  // Rekognition's analyses of pictures that come with the call have no resource types.
  'rekognition:DetectLabels',
  'rekognition:DetectModerationLabels',
  // What serverless-step-functions grants a state machine that logs; vended log delivery has no resource types.
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
]);

const statementsOf = (document: Json | undefined): JsonObject[] =>
  isObject(document) ? asList(document['Statement']).filter(isObject) : [];

const rolePolicies = ({ properties }: Resource): Json[] =>
  asList(properties['Policies'])
    .filter(isObject)
    .map((policy) => policy['PolicyDocument'] ?? null);

const identityStatements = (template: ServiceTemplate): { id: string; statement: JsonObject }[] =>
  resourcesOf(template).flatMap((resource) => {
    const { id, type, properties } = resource;
    if (type === 'AWS::IAM::Role') {
      return rolePolicies(resource)
        .flatMap(statementsOf)
        .map((statement) => ({ id, statement }));
    }
    if (type !== 'AWS::IAM::Policy' && type !== 'AWS::IAM::ManagedPolicy') return [];
    return statementsOf(properties['PolicyDocument']).map((statement) => ({ id, statement }));
  });

const actionsOf = (statement: JsonObject): string[] =>
  asList(statement['Action']).filter((action) => typeof action === 'string');

const complainOf = (id: string, statement: JsonObject): string[] => {
  if (text(statement, 'Effect') !== 'Allow') return [];
  if (statement['NotAction'] !== undefined || statement['NotResource'] !== undefined) {
    return [`expected Action and Resource in an Allow of ${id} but received NotAction or NotResource`];
  }
  const actions = actionsOf(statement);
  const wild = actions
    .filter((action) => action.includes('*'))
    .map((action) => `expected named actions in ${id} but received ${action}`);
  if (!asList(statement['Resource']).includes('*')) return wild;
  const unbounded = actions.filter((action) => !action.includes('*') && !RESOURCELESS.has(action));
  return [...wild, ...unbounded.map((action) => `expected a resource for ${action} in ${id} but received *`)];
};

/** Identity policies name their actions and resources; `*` only for actions that have no resource. */
export const checkIdentityPolicies = (template: ServiceTemplate): string[] =>
  identityStatements(template).flatMap(({ id, statement }) => complainOf(id, statement));

const isEveryone = (principal: Json | undefined): boolean =>
  principal === '*' || (isObject(principal) && asList(principal['AWS']).includes('*'));

/** Resource policies open nothing to everyone: an Allow for principal `*` needs a condition. */
export const checkResourcePolicies = (template: ServiceTemplate): string[] =>
  resourcesOf(template)
    .filter(({ type }) => type === 'AWS::S3::BucketPolicy' || type === 'AWS::SQS::QueuePolicy')
    .flatMap(({ id, properties }) => statementsOf(properties['PolicyDocument']).map((statement) => ({ id, statement })))
    .filter(({ statement }) => text(statement, 'Effect') === 'Allow')
    .filter(({ statement }) => isEveryone(statement['Principal']) && statement['Condition'] === undefined)
    .map(({ id }) => `expected a named principal or a condition in ${id} but received Allow for everyone`);
