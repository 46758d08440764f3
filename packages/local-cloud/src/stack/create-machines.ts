import { StackError } from './errors.ts';
import type { Stack } from './stack.ts';
import type { CloudTargets } from './targets.ts';
import { dictOf, isDict, textOf, type Dict } from './values.ts';

function substituted(text: string, substitutions: Dict): string {
  return text.replace(/\$\{([^}]+)\}/g, (all, name: string) => textOf(substitutions[name]) ?? all);
}

function definitionOf(properties: Dict, owner: string): Dict {
  const given = properties.Definition ?? properties.DefinitionString;
  const text = typeof given === 'string' ? given : JSON.stringify(given ?? null);
  const definition: unknown = JSON.parse(substituted(text, dictOf(properties.DefinitionSubstitutions)));
  if (isDict(definition)) return definition;
  throw new StackError(
    'STACK_FILE_INVALID',
    `expected a definition for the state machine ${owner} but received ${text}`,
  );
}

/** Creates or updates the state machines of all stacks from the very definitions that are deployed. */
export async function createMachines(stacks: readonly Stack[], targets: CloudTargets): Promise<void> {
  for (const stack of stacks) {
    for (const { logicalId, properties: raw } of stack.resourcesOf('AWS::StepFunctions::StateMachine')) {
      const properties = stack.resolveDict(raw);
      const identity = stack.identity(logicalId);
      await targets.deployStateMachine({
        name: identity?.name ?? logicalId,
        arn: identity?.ref ?? logicalId,
        definition: definitionOf(properties, `${logicalId} of ${stack.owner}`),
        type: properties.StateMachineType === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
      });
    }
  }
}
