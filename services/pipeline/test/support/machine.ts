import { readFileSync } from 'node:fs';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { parse } from 'yaml';

interface MachineFile {
  processMedia: { definition: StateMachineDefinition };
}

/** `!Ref X` and `!GetAtt X.Arn` as an ARN that names X. */
const reference = (tag: string) => ({
  tag,
  resolve: (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name.replace('.', '-')}`,
});

/** The definition of state-machine.yml, the very file that is deployed, with its parameters at their defaults. */
export const readMachine = (): StateMachineDefinition => {
  const file = readFileSync(new URL('../../state-machine.yml', import.meta.url), 'utf8');
  const text = file.replaceAll('${param:imagesAtOnce}', '10').replaceAll(/\$\{[^}]+\}/g, 'test');
  const { processMedia } = parse(text, { customTags: [reference('!Ref'), reference('!GetAtt')] }) as MachineFile;
  // Without YAML's shared nodes, as Step Functions gets it.
  return JSON.parse(JSON.stringify(processMedia.definition)) as StateMachineDefinition;
};
