import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AwsError, type CloudContext, type JsonAction } from '../service.ts';
import type { Dict } from '../stack/values.ts';
import { definitionProblems, type Problem } from './asl/validate.ts';
import { invalidDefinition, machineDoesNotExist, validation } from './errors.ts';
import { checkName, optionalText, pageSize, pageStart, pageToken, requiredText } from './input.ts';
import type { MachineRow, Store } from './store.ts';

export interface MachineSpec {
  readonly name: string;
  readonly arn?: string;
  /** The definition as an object of the Amazon States Language. */
  readonly definition: Dict;
  readonly type: 'EXPRESS' | 'STANDARD';
  readonly roleArn?: string;
}

export const seconds = (milliseconds: number): number => milliseconds / 1_000;

function parsed(definition: string): unknown {
  try {
    return JSON.parse(definition);
  } catch (cause) {
    throw new AwsError(
      'InvalidDefinition',
      `Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: ${String(cause)}'`,
      { cause },
    );
  }
}

async function checked(definition: string): Promise<string> {
  const problems = await definitionProblems(parsed(definition));
  if (problems.length > 0) throw invalidDefinition(problems);
  return definition;
}

function typeOf(input: Dict): 'EXPRESS' | 'STANDARD' {
  const type = optionalText(input, 'type') ?? 'STANDARD';
  if (type === 'EXPRESS' || type === 'STANDARD') return type;
  throw validation(`expected EXPRESS or STANDARD for type but received ${type}`);
}

function summary({ arn, name, type, created_at }: MachineRow): Dict {
  return { stateMachineArn: arn, name, type, creationDate: seconds(created_at) };
}

function described(row: MachineRow): Dict {
  const { definition, role_arn: roleArn, revision: revisionId } = row;
  return {
    ...summary(row),
    status: 'ACTIVE',
    definition,
    roleArn,
    revisionId,
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
  };
}

/** State machines: the actions on them, and `deploy` for the stacks. */
export function createMachines(context: CloudContext, store: Store) {
  const arnOf = (name: string): string => `arn:aws:states:${context.region}:${context.accountId}:stateMachine:${name}`;
  const defaultRole = `arn:aws:iam::${context.accountId}:role/stepfunctions`;

  /** A version (`…:machine:1`) or an alias names the machine itself: there is one revision here. */
  const find = (arn: string): MachineRow => {
    const row = store.machine(arn) ?? store.machine(arn.split(':').slice(0, 7).join(':'));
    if (row) return row;
    throw machineDoesNotExist(arn);
  };

  const put = (row: Pick<MachineRow, 'arn' | 'name' | 'definition' | 'type' | 'role_arn'>): MachineRow => {
    const existing = store.machine(row.arn);
    const now = context.now();
    const full = { ...row, created_at: existing?.created_at ?? now, updated_at: now, revision: randomUUID() };
    store.putMachine(full);
    return full;
  };

  const create: JsonAction = async (input) => {
    const name = checkName(requiredText(input, 'name'));
    const wanted = {
      arn: arnOf(name),
      name,
      definition: await checked(requiredText(input, 'definition')),
      role_arn: requiredText(input, 'roleArn'),
      type: typeOf(input),
    };
    const existing = store.machine(wanted.arn);
    const isSame = existing?.definition === wanted.definition && existing.type === wanted.type;
    // Creating the same machine again is no error; another one of the same name is.
    if (existing && !isSame)
      throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${wanted.arn}'`);
    const row = existing ?? put(wanted);
    return { stateMachineArn: row.arn, creationDate: seconds(row.created_at) };
  };

  const update: JsonAction = async (input) => {
    const row = find(requiredText(input, 'stateMachineArn'));
    const definition = optionalText(input, 'definition');
    const roleArn = optionalText(input, 'roleArn');
    if (definition === undefined && roleArn === undefined)
      throw new AwsError('MissingRequiredParameter', 'Either the definition, the role ARN, or both must be specified');
    const changed = put({
      ...row,
      definition: definition === undefined ? row.definition : await checked(definition),
      role_arn: roleArn ?? row.role_arn,
    });
    return { updateDate: seconds(changed.updated_at), revisionId: changed.revision };
  };

  const list: JsonAction = (input) => {
    const start = pageStart(input, 0);
    const size = pageSize(input);
    const rows = store.machines();
    const isLast = start + size >= rows.length;
    return {
      stateMachines: rows.slice(start, start + size).map(summary),
      ...(isLast ? {} : { nextToken: pageToken(start + size) }),
    };
  };

  const validate: JsonAction = async (input) => {
    let problems: Problem[];
    try {
      problems = await definitionProblems(parsed(requiredText(input, 'definition')));
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'InvalidDefinition') throw error;
      problems = [{ code: 'INVALID_JSON_DESCRIPTION', message: error.message, location: '/' }];
    }
    return {
      result: problems.length === 0 ? 'OK' : 'FAIL',
      diagnostics: problems.map((problem) => ({ severity: 'ERROR', ...problem })),
    };
  };

  /** Creates a machine or brings it up to date; nothing changes for the same definition. @throws AwsError InvalidDefinition */
  const deploy = async ({
    name,
    arn = arnOf(name),
    definition,
    type,
    roleArn,
  }: MachineSpec): Promise<{ arn: string }> => {
    const existing = store.machine(arn);
    const isSame = existing?.type === type && isDeepStrictEqual(JSON.parse(existing.definition), definition);
    if (!isSame) {
      const text = await checked(JSON.stringify(definition));
      put({ arn, name: checkName(name), definition: text, type, role_arn: roleArn ?? defaultRole });
    }
    return { arn };
  };

  const actions: Readonly<Record<string, JsonAction>> = {
    CreateStateMachine: create,
    UpdateStateMachine: update,
    DeleteStateMachine: (input) => {
      store.deleteMachine(requiredText(input, 'stateMachineArn'));
    },
    DescribeStateMachine: (input) => described(find(requiredText(input, 'stateMachineArn'))),
    ListStateMachines: list,
    ValidateStateMachineDefinition: validate,
  };
  return { actions, deploy, find };
}
