import * as z from 'zod';
import { AwsError, type CloudContext, type JsonAction } from '../service.ts';
import type { Parameter, ParameterStore } from './store.ts';

const validationError = (message: string): AwsError => new AwsError('ValidationException', message);
const notFound = (name: string): AwsError =>
  new AwsError('ParameterNotFound', `expected an existing parameter but received ${name}`);

/** Parameter Store's limits: names to 2,048 characters, values to 4 KB, or 8 KB in the advanced tier; ten names a call. */
const MAX_VALUE_BYTES = { Standard: 4096, Advanced: 8192, 'Intelligent-Tiering': 8192 };
const NAME = /^[a-zA-Z0-9_.\-/]{1,2048}$/;
const MAX_NAMES = 10;
const MAX_PATH_RESULTS = 10;
const MAX_DESCRIBE_RESULTS = 50;

const name = z.string();
const names = z.array(z.string()).min(1).max(MAX_NAMES);
const flag = z.boolean().default(false);

const inputs = {
  PutParameter: z.object({
    Name: name,
    Value: z.string().min(1),
    Type: z.enum(['String', 'StringList', 'SecureString']).optional(),
    Description: z.string().optional(),
    Overwrite: flag,
    DataType: z.string().optional(),
    Tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).default('Standard'),
    AllowedPattern: z.string().optional(),
    Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
  }),
  GetParameter: z.object({ Name: name, WithDecryption: flag }),
  GetParameters: z.object({ Names: names, WithDecryption: flag }),
  GetParametersByPath: z.object({
    Path: z.string().startsWith('/'),
    Recursive: flag,
    WithDecryption: flag,
    MaxResults: z.number().int().min(1).max(MAX_PATH_RESULTS).default(MAX_PATH_RESULTS),
    NextToken: z.string().optional(),
  }),
  GetParameterHistory: z.object({ Name: name, WithDecryption: flag }),
  DeleteParameter: z.object({ Name: name }),
  DeleteParameters: z.object({ Names: names }),
  DescribeParameters: z.object({
    ParameterFilters: z
      .array(z.object({ Key: z.string(), Option: z.string().optional(), Values: z.array(z.string()).default([]) }))
      .default([]),
    MaxResults: z.number().int().min(1).max(MAX_DESCRIBE_RESULTS).default(MAX_DESCRIBE_RESULTS),
    NextToken: z.string().optional(),
  }),
  tags: z.object({
    ResourceType: z.literal('Parameter'),
    ResourceId: z.string(),
    Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
    TagKeys: z.array(z.string()).default([]),
  }),
};

type PutInput = z.infer<typeof inputs.PutParameter>;

function read<T extends z.ZodType>(schema: T, input: Record<string, unknown>): z.infer<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? 'input';
  throw validationError(
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${issue?.message ?? 'Member is not valid'}`,
  );
}

/** `name`, or `name:version` as GetParameter allows. */
function lookUp(store: ParameterStore, asked: string): Parameter | undefined {
  const [plain = asked, selector] = asked.split(':');
  if (selector === undefined) return store.find(plain);
  return /^\d+$/.test(selector) ? store.find(plain, Number(selector)) : undefined;
}

/** A SecureString that nobody asked to decrypt shows something that is not its value. KMS is not emulated, so this is no cipher. */
function shownValue({ type, value }: Parameter, isDecrypted: boolean): string {
  return type === 'SecureString' && !isDecrypted ? Buffer.from(`kms:alias/aws/ssm:${value}`).toString('base64') : value;
}

function shown(context: CloudContext, parameter: Parameter, options: { isDecrypted: boolean; asked?: string }) {
  const selector = options.asked?.split(':')[1];
  const slash = parameter.name.startsWith('/') ? '' : '/';
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: shownValue(parameter, options.isDecrypted),
    Version: parameter.version,
    ...(selector === undefined ? {} : { Selector: `:${selector}` }),
    LastModifiedDate: parameter.modifiedAt / 1000,
    ARN: `arn:aws:ssm:${context.region}:${context.accountId}:parameter${slash}${parameter.name}`,
    DataType: parameter.dataType,
  };
}

function metadata(context: CloudContext, { name: Name, type, version, ...rest }: Parameter) {
  return {
    Name,
    Type: type,
    Version: version,
    LastModifiedDate: rest.modifiedAt / 1000,
    LastModifiedUser: `arn:aws:iam::${context.accountId}:root`,
    ...(rest.description === null ? {} : { Description: rest.description }),
    Tier: rest.tier,
    DataType: rest.dataType,
    Policies: [],
  };
}

/** The token is the last name of the page before. */
function page(all: readonly Parameter[], input: { MaxResults: number; NextToken?: string | undefined }) {
  const after = input.NextToken === undefined ? '' : Buffer.from(input.NextToken, 'base64').toString();
  const rest = all.filter((parameter) => parameter.name > after);
  const items = rest.slice(0, input.MaxResults);
  const last = items.at(-1);
  const NextToken = rest.length > items.length && last ? { NextToken: Buffer.from(last.name).toString('base64') } : {};
  return { items, NextToken };
}

function checkNew(input: PutInput): void {
  if (!NAME.test(input.Name)) {
    throw validationError(
      `Parameter name: can't be "${input.Name}". It can include letters, numbers and the symbols . - _ and / only.`,
    );
  }
  const limit = MAX_VALUE_BYTES[input.Tier];
  if (Buffer.byteLength(input.Value) > limit) {
    throw validationError(
      `${input.Tier} tier parameters support a maximum parameter value of ${limit} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`,
    );
  }
  if (input.AllowedPattern !== undefined && !new RegExp(input.AllowedPattern).test(input.Value)) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, ${input.Name}, does not match the pattern.`,
    );
  }
}

function putParameter(store: ParameterStore, input: PutInput): unknown {
  checkNew(input);
  const existing = store.find(input.Name);
  if (existing && !input.Overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const type = input.Type ?? existing?.type;
  if (!type) throw validationError('A parameter type is required when you create a parameter.');
  const { Value: value, Description: description, DataType: dataType, Tier: tier } = input;
  const version = store.put(input.Name, { type, value, description, dataType, tier });
  for (const { Key, Value } of input.Tags) store.setTag(input.Name, Key, Value);
  return { Version: version, Tier: tier };
}

function isBelow(path: string, parameterName: string, isRecursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return parameterName.startsWith(prefix) && (isRecursive || !parameterName.slice(prefix.length).includes('/'));
}

type Filter = z.infer<typeof inputs.DescribeParameters>['ParameterFilters'][number];

/** @throws AwsError InvalidFilterKey */
function matches(parameter: Parameter, { Key, Option = 'Equals', Values }: Filter): boolean {
  if (Key === 'Type') return Values.includes(parameter.type);
  if (Key === 'Path') return Values.some((path) => isBelow(path, parameter.name, Option === 'Recursive'));
  if (Key !== 'Name') {
    throw new AwsError('InvalidFilterKey', `expected Name, Type or Path for Key but received ${Key}`);
  }
  const tests: Record<string, (value: string) => boolean> = {
    Equals: (value) => parameter.name === value,
    BeginsWith: (value) => parameter.name.startsWith(value),
    Contains: (value) => parameter.name.includes(value),
  };
  const test = tests[Option];
  if (!test)
    throw new AwsError('InvalidFilterOption', `expected Equals, BeginsWith or Contains but received ${Option}`);
  return Values.some(test);
}

function readActions(store: ParameterStore, context: CloudContext): Record<string, JsonAction> {
  return {
    GetParameter: (raw) => {
      const { Name, WithDecryption: isDecrypted } = read(inputs.GetParameter, raw);
      const parameter = lookUp(store, Name);
      if (!parameter) throw notFound(Name);
      return { Parameter: shown(context, parameter, { isDecrypted, asked: Name }) };
    },
    GetParameters: (raw) => {
      const { Names, WithDecryption: isDecrypted } = read(inputs.GetParameters, raw);
      const found = Names.flatMap((asked) => {
        const parameter = lookUp(store, asked);
        return parameter ? [shown(context, parameter, { isDecrypted, asked })] : [];
      });
      return { Parameters: found, InvalidParameters: Names.filter((asked) => !lookUp(store, asked)) };
    },
    GetParametersByPath: (raw) => {
      const input = read(inputs.GetParametersByPath, raw);
      const below = store.list().filter((parameter) => isBelow(input.Path, parameter.name, input.Recursive));
      const { items, NextToken } = page(below, input);
      const isDecrypted = input.WithDecryption;
      return { Parameters: items.map((parameter) => shown(context, parameter, { isDecrypted })), ...NextToken };
    },
    GetParameterHistory: (raw) => {
      const { Name, WithDecryption: isDecrypted } = read(inputs.GetParameterHistory, raw);
      const versions = store.history(Name);
      if (versions.length === 0) throw notFound(Name);
      return {
        Parameters: versions.map((version) => ({
          ...metadata(context, version),
          Value: shownValue(version, isDecrypted),
        })),
      };
    },
    DescribeParameters: (raw) => {
      const input = read(inputs.DescribeParameters, raw);
      const matching = store
        .list()
        .filter((parameter) => input.ParameterFilters.every((filter) => matches(parameter, filter)));
      const { items, NextToken } = page(matching, input);
      return { Parameters: items.map((parameter) => metadata(context, parameter)), ...NextToken };
    },
  };
}

function tagActions(store: ParameterStore): Record<string, JsonAction> {
  const existing = (id: string): string => {
    if (store.find(id)) return id;
    throw new AwsError('InvalidResourceId', `expected an existing parameter for ResourceId but received ${id}`);
  };
  return {
    AddTagsToResource: (raw) => {
      const { ResourceId, Tags } = read(inputs.tags, raw);
      for (const { Key, Value } of Tags) store.setTag(existing(ResourceId), Key, Value);
      return {};
    },
    RemoveTagsFromResource: (raw) => {
      const { ResourceId, TagKeys } = read(inputs.tags, raw);
      for (const key of TagKeys) store.deleteTag(existing(ResourceId), key);
      return {};
    },
    ListTagsForResource: (raw) => ({ TagList: store.tags(existing(read(inputs.tags, raw).ResourceId)) }),
  };
}

/** Actions of the parameter store. Labels and parameter policies are not emulated. */
export function parameterActions(store: ParameterStore, context: CloudContext): Record<string, JsonAction> {
  return {
    ...readActions(store, context),
    ...tagActions(store),
    PutParameter: (raw) => putParameter(store, read(inputs.PutParameter, raw)),
    DeleteParameter: (raw) => {
      const { Name } = read(inputs.DeleteParameter, raw);
      if (!store.delete(Name)) throw notFound(Name);
      return {};
    },
    DeleteParameters: (raw) => {
      const { Names } = read(inputs.DeleteParameters, raw);
      const deleted = Names.filter((asked) => store.delete(asked));
      return { DeletedParameters: deleted, InvalidParameters: Names.filter((asked) => !deleted.includes(asked)) };
    },
  };
}
