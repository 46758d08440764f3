import { loadService, type LoadOptions } from './load.ts';
import { Universe } from './stack.ts';
import type { CloudAddress } from './attributes.ts';
import { callUnless, type CloudTargets } from './targets.ts';
import { dictOf, textOf } from './values.ts';

export { applyStacks, type AppliedStacks } from './apply.ts';
export { StackError } from './errors.ts';
export type { Universe } from './stack.ts';
export type { CloudTargets } from './targets.ts';

/** Names of the SSM parameters that the stacks take as CloudFormation parameters. */
function wantedParameters(parameters: Readonly<Record<string, unknown>>): string[] {
  return Object.values(parameters).flatMap((declaration) => {
    const { Type, Default } = dictOf(declaration);
    return textOf(Type)?.startsWith('AWS::SSM::Parameter::Value<') === true ? (textOf(Default) ?? []) : [];
  });
}

/**
 * Reads services' folders into one universe of stacks. SSM parameters that no stack publishes are looked up in the store.
 * @throws StackError
 */
export async function loadStacks(
  folders: readonly string[],
  options: LoadOptions,
  around: { cloud: CloudAddress; ssm: CloudTargets['ssm'] },
): Promise<Universe> {
  const models = await Promise.all(folders.map((folder) => loadService(folder, options)));
  const stored = new Map<string, string>();
  for (const name of new Set(models.flatMap(({ parameters }) => wantedParameters(parameters)))) {
    const request = { action: 'GetParameter', input: { Name: name, WithDecryption: true } };
    const value = textOf(dictOf((await callUnless(around.ssm, ['ParameterNotFound'], request))?.Parameter).Value);
    if (value !== undefined) stored.set(name, value);
  }
  return new Universe(models, around.cloud, (name) => stored.get(name));
}
