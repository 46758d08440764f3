import { checkIdentityPolicies, checkResourcePolicies } from './iam-rules.ts';
import type { Compose } from './parameter-rules.ts';
import { checkBootstrap, checkCompose, checkParameters } from './parameter-rules.ts';
import {
  checkArchitecture,
  checkBuckets,
  checkLogGroups,
  checkNames,
  checkQueueSources,
  checkQueues,
} from './resource-rules.ts';
import type { ServiceTemplate } from './template.ts';

const RULES = [
  checkIdentityPolicies,
  checkResourcePolicies,
  checkQueues,
  checkQueueSources,
  checkBuckets,
  checkLogGroups,
  checkNames,
  checkArchitecture,
];

/** One sentence for each house rule that a template breaks by itself. */
export const checkTemplates = (templates: readonly ServiceTemplate[]): string[] =>
  templates.flatMap((template) =>
    RULES.flatMap((rule) => rule(template).map((complaint) => `${template.service}: ${complaint}`)),
  );

/** What only the templates of all services together can show: that they find each other, from the first deployment on. */
export const checkTogether = (templates: readonly ServiceTemplate[], compose: Compose): string[] => [
  ...checkParameters(templates),
  ...checkBootstrap(templates),
  ...checkCompose(templates, compose),
];
