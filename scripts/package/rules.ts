import { checkIdentityPolicies, checkResourcePolicies } from './iam-rules.ts';
import { checkBootstrap, checkParameters } from './parameter-rules.ts';
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

/** One sentence for each house rule that a template breaks. `together`: the templates are all there are. */
export const checkTemplates = (templates: readonly ServiceTemplate[], options: { together: boolean }): string[] => [
  ...templates.flatMap((template) =>
    RULES.flatMap((rule) => rule(template).map((complaint) => `${template.service}: ${complaint}`)),
  ),
  ...(options.together ? [...checkParameters(templates), ...checkBootstrap(templates)] : []),
];
