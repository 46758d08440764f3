import { readFileSync } from 'node:fs';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { parse } from 'yaml';

type MachineFile = Record<string, { definition: StateMachineDefinition }>;

/** `!Ref X` and `!GetAtt X.Arn` as an ARN that names X. */
const reference = (tag: string) => ({
  tag,
  resolve: (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name.replace('.', '-')}`,
});

/** A definition of the very file that is deployed, with its parameters at their defaults. */
const definitionIn = (name: string, key: string): StateMachineDefinition => {
  const file = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  const text = file
    .replaceAll('${param:imagesAtOnce}', '10')
    .replaceAll('${param:reprocessAtOnce}', '5')
    .replaceAll(/\$\{[^}]+\}/g, 'test');
  const machines = parse(text, { customTags: [reference('!Ref'), reference('!GetAtt')] }) as MachineFile;
  // Without YAML's shared nodes, as Step Functions gets it.
  return JSON.parse(JSON.stringify(machines[key]?.definition)) as StateMachineDefinition;
};

export const readMachine = (): StateMachineDefinition => definitionIn('state-machine.yml', 'processMedia');

export const readReprocessMachine = (): StateMachineDefinition =>
  definitionIn('state-machine-reprocess.yml', 'reprocessMedia');
