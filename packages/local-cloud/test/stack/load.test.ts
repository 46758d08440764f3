import { fileURLToPath } from 'node:url';
import { functionsOf } from '../../src/stack/functions.ts';
import { loadService } from '../../src/stack/load.ts';
import { Universe, type Stack } from '../../src/stack/stack.ts';
import { warnAboutUnsupported } from '../../src/stack/supported.ts';
import {
  queueTriggers,
  routeTriggers,
  ruleTriggers,
  scheduleTriggers,
  unsupportedEvents,
} from '../../src/stack/triggers.ts';
import { VariableResolver } from '../../src/stack/variables.ts';
import { parseYaml } from '../../src/stack/yaml.ts';

const ALPHA = fileURLToPath(new URL('./fixtures/alpha', import.meta.url));
const BETA = fileURLToPath(new URL('./fixtures/beta', import.meta.url));

const CLOUD = {
  region: 'us-east-1',
  accountId: '000000000000',
  endpoint: 'http://127.0.0.1:4566',
  apiUrl: 'http://127.0.0.1:4567',
  cdnHost: '127.0.0.1:4568',
};

const options = (stage: string) => ({ stage, region: 'us-east-1', accountId: '000000000000', environment: {} });

async function universe(
  stage: string,
  folders = [ALPHA, BETA],
  store: Record<string, string> = { '/stored': 'from-store' },
): Promise<Stack[]> {
  const models = await Promise.all(folders.map((folder) => loadService(folder, options(stage))));
  return [...new Universe(models, CLOUD, (name) => store[name]).stacks];
}

async function alpha(stage = 'dev'): Promise<Stack> {
  const [stack] = await universe(stage);
  if (!stack) throw new Error('expected a stack');
  return stack;
}

/** Resolves one value in a configuration. */
function variable(value: unknown, root: Record<string, unknown> = {}, stage = 'dev'): Promise<unknown> {
  return new VariableResolver(root, { ...options(stage), directory: ALPHA, environment: { NAME: 'ada' } }).resolve(
    value,
  );
}

describe('Serverless variables', () => {
  it.each([
    ['${self:a.b}', { a: { b: [1] } }, [1]],
    ['x-${self:a}-${self:b}', { a: 1, b: true }, 'x-1-true'],
    ['${self:${self:which}.value}', { which: 'one', one: { value: 5 } }, 5],
    ['${self:missing, self:a}', { a: 'second' }, 'second'],
    ["${self:missing, 'a, b'}", {}, 'a, b'],
    ["${opt:nothing, ''}", {}, ''],
    ['${opt:nothing, null}', {}, null],
    ['${opt:nothing, 42}', {}, 42],
    ['${env:NAME}', {}, 'ada'],
    ["${env:MISSING, '${sls:stage}'}", {}, 'dev'],
    ['${param:p}', { params: { default: { p: 'd' }, dev: { p: 's' } } }, 's'],
    ["${param:p, 'none'}", { params: { default: { q: 'd' } } }, 'none'],
    ['${aws:accountId}', {}, '000000000000'],
    ['${AWS::Region}/${Name}', {}, '${AWS::Region}/${Name}'],
    ['${strToBool(1)}', {}, true],
    ['${file(data.json):deep.value}', {}, [1, 2]],
    ['${file(note.txt)}', {}, 'a note'],
    ["${file(absent.yml):x, 'fallback'}", {}, 'fallback'],
    ['${file(make.cjs):answer.value}', {}, 'made for dev'],
    ['${file(./${self:name}.json):deep.value.1}', { name: 'data' }, 2],
  ])('%s', async (text, root, expected) => {
    expect(await variable(text, root)).toEqual(expected);
  });

  it.each([
    ['${self:missing}', 'STACK_VARIABLE_UNRESOLVED'],
    ['${ssm:/a/b}', 'STACK_VARIABLE_UNRESOLVED'],
    ['${self:loop}', 'STACK_CYCLE'],
  ])('refuses %s', async (text, code) => {
    await expect(variable(text, { loop: '${self:pool}', pool: '${self:loop}' })).rejects.toMatchObject({ code });
  });
});

describe('YAML', () => {
  it('turns short forms into long forms, nested ones too', () => {
    const text =
      'a: !GetAtt Q.Arn\nb: !Sub ["${X}", { X: !Ref Y }]\nc: !If [C, !Ref A, !Select [0, !Split [",", "a,b"]]]';

    expect(parseYaml(text, 'x.yml')).toEqual({
      a: { 'Fn::GetAtt': ['Q', 'Arn'] },
      b: { 'Fn::Sub': ['${X}', { X: { Ref: 'Y' } }] },
      c: { 'Fn::If': ['C', { Ref: 'A' }, { 'Fn::Select': [0, { 'Fn::Split': [',', 'a,b'] }] }] },
    });
  });

  it('follows anchors and merges', () => {
    expect(parseYaml('a: &x { p: 1, q: 2 }\nb: { <<: *x, q: 3 }', 'x.yml')).toEqual({
      a: { p: 1, q: 2 },
      b: { p: 1, q: 3 },
    });
  });

  it('names the file of a syntax error', () => {
    expect(() => parseYaml('a: [1', 'x.yml')).toThrow(/expected YAML in x\.yml/);
  });
});

describe('a stack', () => {
  it('computes references of every kind', async () => {
    const stack = await alpha();

    const spec = functionsOf(stack)[0]?.spec;

    expect(spec).toMatchObject({
      name: 'alpha-dev-read-one_thing',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:alpha-dev-read-one_thing',
      memoryMb: 256,
      timeoutSeconds: 6,
      environment: {
        SHARED: 'from-provider',
        STAGE: 'dev',
        TABLE: 'alpha-dev',
        QUEUE_URL: 'http://127.0.0.1:4566/000000000000/alpha-dev-jobs',
        BUCKET: 'zoo-dev-000000000000',
        BETA: 'arn:aws:sqs:us-east-1:000000000000:beta-jobs',
      },
    });
  });

  it('reads values that another stack publishes, and then the store', async () => {
    const [, beta] = await universe('dev');

    expect(beta?.ref('Alpha')).toBe('b:arn:aws:dynamodb:us-east-1:000000000000:table/alpha-dev/index/x');
    expect(beta?.ref('Stored')).toBe('from-store');
  });

  it('says which parameter is missing and who wants it', async () => {
    const [stack] = await universe('dev', [ALPHA], {});

    expect(() => stack?.ref('BetaArn')).toThrow(
      /SSM parameter \/dev\/zoo\/beta\/arn for parameter BetaArn of service alpha/,
    );
  });

  it('keeps to conditions, mappings and NoValue', async () => {
    const dev = await alpha('dev');
    const prod = await alpha('prod');
    const properties = (stack: Stack, id: string) => stack.resolveDict(stack.model.resources.get(id)?.properties);

    expect(dev.resourcesOf('AWS::SQS::Queue').map(({ logicalId }) => logicalId)).toEqual(['Jobs', 'Dead']);
    expect(prod.resourcesOf('AWS::SQS::Queue').map(({ logicalId }) => logicalId)).toEqual(['Jobs', 'Dead', 'OnlyProd']);
    expect(properties(dev, 'Jobs')).not.toHaveProperty('KmsMasterKeyId');
    expect(properties(prod, 'Jobs')).toHaveProperty('KmsMasterKeyId', 'alias/key');
    expect(properties(prod, 'Bucket')).toHaveProperty('LifecycleConfiguration.Rules.0.ExpirationInDays', 14);
  });

  it('names generated resources as Serverless does', async () => {
    const stack = await alpha();

    expect(stack.attribute('ReadDashoneUnderscorethingLambdaFunction', 'Arn')).toBe(
      'arn:aws:lambda:us-east-1:000000000000:function:alpha-dev-read-one_thing',
    );
    expect(stack.attribute('OkFnLambdaFunctionUrl', 'FunctionUrl')).toBe(
      'http://alpha-dev-okfn.lambda-url.localhost:4567/',
    );
    expect(stack.attribute('HttpApi', 'ApiEndpoint')).toBe('http://127.0.0.1:4567');
    expect(stack.resolve(stack.model.resources.get('Flow')?.properties.Definition)).toHaveProperty(
      'States.Ok.Resource',
      'arn:aws:lambda:us-east-1:000000000000:function:alpha-dev-okFn',
    );
  });

  it('finds the triggers of a function', async () => {
    const [entry] = functionsOf(await alpha());
    if (!entry) throw new Error('expected a function');

    expect(queueTriggers(entry)).toEqual([
      {
        functionName: 'alpha-dev-read-one_thing',
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:alpha-dev-jobs',
        batchSize: 5,
        windowSeconds: 1,
        maximumConcurrency: 3,
        reportBatchItemFailures: true,
        enabled: true,
      },
    ]);
    expect(routeTriggers(entry).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /things/{id}',
      'POST /things',
    ]);
    expect(scheduleTriggers(entry)).toMatchObject([{ expression: 'rate(5 minutes)', targetArn: entry.spec.arn }]);
    expect(ruleTriggers(entry).rules).toMatchObject([
      { busName: 'alpha-plain', pattern: { source: ['zoo'] }, state: 'ENABLED', targets: [{ Arn: entry.spec.arn }] },
    ]);
    expect(unsupportedEvents(entry)).toEqual(['stream']);
  });

  it('warns about properties without effect and only about those', async () => {
    const warnings: unknown[] = [];

    warnAboutUnsupported(await alpha(), (_level, _message, fields) => warnings.push(fields));

    expect(warnings).toEqual([
      { service: 'alpha', resource: 'Bucket', type: 'AWS::S3::Bucket', properties: ['AccelerateConfiguration'] },
    ]);
  });

  it('refuses a folder without a serverless.yml', async () => {
    await expect(loadService('/nonexistent', options('dev'))).rejects.toMatchObject({ code: 'STACK_FILE_INVALID' });
  });
});
