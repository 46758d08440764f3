import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StackError } from './errors.ts';
import { functionLogicalId, functionName, functionUrlLogicalId } from './naming.ts';
import type { Resource, ServiceModel } from './service-model.ts';
import { dictOf, isDict, listOf, textOf, type Dict } from './values.ts';
import { VariableResolver, type VariableContext } from './variables.ts';
import { parseYaml } from './yaml.ts';

export type LoadOptions = Omit<VariableContext, 'directory'>;

/** `resources:` and `functions:` may be a list of mappings (several files); later ones win key by key. */
function mergeSections(value: unknown): Dict {
  const merged: Dict = {};
  for (const part of listOf(value)) {
    for (const [key, section] of Object.entries(dictOf(part))) {
      merged[key] = isDict(section) && isDict(merged[key]) ? { ...merged[key], ...section } : section;
    }
  }
  return merged;
}

function declaredResource(logicalId: string, body: Dict): Resource {
  return {
    logicalId,
    type: textOf(body.Type) ?? '',
    properties: dictOf(body.Properties),
    condition: textOf(body.Condition),
  };
}

function generated(logicalId: string, type: string, properties: Dict): Resource {
  return { logicalId, type, properties, condition: undefined };
}

function functionResources(model: { name: string; stage: string; functions: Record<string, Dict> }): Resource[] {
  return Object.entries(model.functions).flatMap(([key, entry]) => {
    const name = textOf(entry.name) ?? functionName(model.name, model.stage, key);
    const lambda = generated(functionLogicalId(key), 'AWS::Lambda::Function', { FunctionName: name, Key: key });
    if (entry.url === undefined || entry.url === false) return [lambda];
    return [lambda, generated(functionUrlLogicalId(key), 'AWS::Lambda::Url', { TargetFunctionName: name })];
  });
}

function hasHttpApi(functions: Record<string, Dict>): boolean {
  return Object.values(functions).some((entry) => listOf(entry.events).some((event) => 'httpApi' in dictOf(event)));
}

function stateMachineResources(stackName: string, machines: Record<string, Dict>): Resource[] {
  return Object.entries(machines).map(([key, machine]) =>
    generated(textOf(machine.id) ?? key, 'AWS::StepFunctions::StateMachine', {
      StateMachineName: machine.name ?? `${stackName}-${key}`,
      StateMachineType: machine.type ?? 'STANDARD',
      Definition: machine.definition,
    }),
  );
}

function entries(value: unknown): Record<string, Dict> {
  const sections = Object.entries(mergeSections(value));
  return Object.fromEntries(sections.filter((entry): entry is [string, Dict] => isDict(entry[1])));
}

function serviceName(config: Dict, file: string): string {
  const name = textOf(config.service);
  if (name === undefined)
    throw new StackError(
      'STACK_FILE_INVALID',
      `expected a text "service" in ${file} but received ${JSON.stringify(config.service)}`,
    );
  return name;
}

/** Everything the stack holds under its logical ids: what `resources:` declares and what Serverless and its plugins generate. */
function collectResources(
  declared: Dict,
  model: Omit<ServiceModel, 'resources'> & { functions: Record<string, Dict>; stateMachines: Record<string, Dict> },
): Map<string, Resource> {
  const generatedHere = [...functionResources(model), ...stateMachineResources(model.stackName, model.stateMachines)];
  if (hasHttpApi(model.functions)) generatedHere.push(generated('HttpApi', 'AWS::ApiGatewayV2::Api', {}));
  const explicit = Object.entries(declared).map(([id, body]) => declaredResource(id, dictOf(body)));
  return new Map([...generatedHere, ...explicit].map((resource) => [resource.logicalId, resource]));
}

/**
 * Reads one service's folder: `serverless.yml`, the files it names, all Serverless variables resolved. No network, no credentials.
 * @throws StackError when a file or a variable cannot be read
 */
export async function loadService(folder: string, options: LoadOptions): Promise<ServiceModel> {
  const directory = resolve(folder);
  const file = join(directory, 'serverless.yml');
  if (!existsSync(file))
    throw new StackError('STACK_FILE_INVALID', `expected a serverless.yml in ${directory} but received none`);
  const root = dictOf(parseYaml(readFileSync(file, 'utf8'), file));
  const context = { ...options, directory };
  const config = dictOf(await new VariableResolver(root, context).resolve(root));
  const name = serviceName(config, file);
  const template = mergeSections(config.resources);
  const model = {
    name,
    directory,
    stage: options.stage,
    stackName: `${name}-${options.stage}`,
    provider: dictOf(config.provider),
    esbuild: dictOf(dictOf(config.custom).esbuild),
    functions: entries(config.functions),
    stateMachines: entries(dictOf(config.stepFunctions).stateMachines),
    parameters: entries(template.Parameters),
    conditions: dictOf(template.Conditions),
    mappings: dictOf(template.Mappings),
  };
  return { ...model, resources: collectResources(dictOf(template.Resources), model) };
}
