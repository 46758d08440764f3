import { at, isObject, text } from './json.ts';
import type { ServiceTemplate } from './template.ts';
import { literal, resourcesOf } from './template.ts';

/** Parameters of type SSM with their default: what a stack needs from others. */
export const consumedParameters = ({ template }: ServiceTemplate): string[] => {
  const parameters = at(template, 'Parameters');
  if (!isObject(parameters)) return [];
  return Object.values(parameters)
    .filter((parameter) => text(parameter, 'Type').startsWith('AWS::SSM::Parameter::Value'))
    .map((parameter) => text(parameter, 'Default'));
};

/** Names of the SSM parameters a stack publishes. */
export const publishedParameters = (template: ServiceTemplate): string[] =>
  resourcesOf(template, 'AWS::SSM::Parameter').flatMap(({ properties }) => literal(properties['Name']) ?? []);

/** Every SSM parameter that a stack consumes is published by exactly one of the stacks. */
export const checkParameters = (templates: readonly ServiceTemplate[]): string[] => {
  const published = templates.flatMap(publishedParameters);
  const twice = published.filter((name, index) => published.indexOf(name) !== index);
  const missing = templates.flatMap((template) =>
    consumedParameters(template)
      .filter((name) => !published.includes(name))
      .map(
        (name) =>
          `${template.service}: expected a service that publishes ${name || 'a parameter without Default'} but found none`,
      ),
  );
  return [...twice.map((name) => `expected one service that publishes ${name} but found several`), ...missing];
};

/** Which services each service waits for, read from the parameters it consumes: `{ upload: ['pipeline'] }`. */
export const dependencies = (templates: readonly ServiceTemplate[]): Map<string, string[]> => {
  const publishers = new Map(
    templates.flatMap((template) => publishedParameters(template).map((name) => [name, template.service] as const)),
  );
  return new Map(
    templates.map((template) => {
      const needs = consumedParameters(template).flatMap((name) => publishers.get(name) ?? []);
      return [template.service, [...new Set(needs)].filter((service) => service !== template.service).sort()] as const;
    }),
  );
};

/** An empty account can be filled: no two services wait for each other, directly or through others. */
export const checkBootstrap = (templates: readonly ServiceTemplate[]): string[] => {
  const left = dependencies(templates);
  let before = -1;
  while (left.size !== before) {
    before = left.size;
    for (const [service, needs] of left) if (!needs.some((need) => left.has(need))) left.delete(service);
  }
  if (left.size === 0) return [];
  const waits = [...left].map(
    ([service, needs]) => `${service} for ${needs.filter((need) => left.has(need)).join(' and ')}`,
  );
  return [
    `expected an order in which services can be deployed the first time but each waits for another: ${waits.join(', ')}`,
  ];
};

/** `serverless-compose.yml` as parsed: which services it deploys, and after which. */
export interface Compose {
  readonly services: Readonly<
    Record<string, { readonly path: string; readonly dependsOn?: string | readonly string[] }>
  >;
}

const before = (compose: Compose, service: string): Set<string> => {
  const found = new Set<string>();
  const queue = [service];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const names = [compose.services[next]?.dependsOn ?? []].flat();
    queue.push(...names.filter((name) => !found.has(name)));
    for (const name of names) found.add(name);
  }
  return found;
};

/** Compose deploys every service, each after those whose parameters it consumes. */
export const checkCompose = (templates: readonly ServiceTemplate[], compose: Compose): string[] =>
  [...dependencies(templates)].flatMap(([service, needs]) => {
    if (compose.services[service] === undefined)
      return [`expected ${service} in serverless-compose.yml but it is missing`];
    const earlier = before(compose, service);
    return needs
      .filter((need) => !earlier.has(need))
      .map(
        (need) => `expected dependsOn ${need} for ${service} in serverless-compose.yml, whose parameters it consumes`,
      );
  });
