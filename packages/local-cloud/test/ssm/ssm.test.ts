import { randomUUID } from 'node:crypto';
import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { testCloud } from '../support/cloud.ts';

describe('SSM parameters', () => {
  let cloud: Awaited<ReturnType<typeof testCloud>>;
  let ssm: SSMClient;
  let sts: STSClient;
  const root = `/t-${randomUUID()}`;
  const names: string[] = [];

  beforeAll(async () => {
    cloud = await testCloud();
    ssm = new SSMClient({ ...cloud.clientConfig, maxAttempts: 1 });
    sts = new STSClient({ ...cloud.clientConfig, maxAttempts: 1 });
  });
  afterAll(async () => {
    for (const Name of names) await ssm.send(new DeleteParameterCommand({ Name })).catch(() => undefined);
    ssm.destroy();
    sts.destroy();
    await cloud.stop();
  });

  const put = (name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) => {
    const Name = `${root}/${name}`;
    names.push(Name);
    return ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
  };
  const get = async (name: string, WithDecryption?: boolean) =>
    (await ssm.send(new GetParameterCommand({ Name: `${root}/${name}`, WithDecryption }))).Parameter!;

  it('stores a value and describes it', async () => {
    await put('plain', 'hello');

    const parameter = await get('plain');

    expect(parameter).toMatchObject({ Name: `${root}/plain`, Type: 'String', Value: 'hello', Version: 1 });
    expect(parameter.ARN).toMatch(new RegExp(`:parameter${root}/plain$`));
    expect(parameter.LastModifiedDate).toBeInstanceOf(Date);
  });

  it('overwrites only when told to, and counts versions', async () => {
    await put('versions', 'one');

    await expect(put('versions', 'two')).rejects.toBeInstanceOf(ParameterAlreadyExists);
    const { Version } = await put('versions', 'two', { Overwrite: true, Type: undefined });
    const old = await get('versions:1');
    const { Parameters } = await ssm.send(new GetParameterHistoryCommand({ Name: `${root}/versions` }));

    expect(Version).toBe(2);
    expect((await get('versions')).Value).toBe('two');
    expect(old.Value).toBe('one');
    expect(Parameters!.map(({ Value }) => Value)).toEqual(['one', 'two']);
  });

  it('shows a SecureString only with decryption', async () => {
    await put('secret', 'hush', { Type: 'SecureString' });

    expect((await get('secret', true)).Value).toBe('hush');
    expect((await get('secret')).Value).not.toContain('hush');
    expect((await get('secret')).Type).toBe('SecureString');
  });

  it('gets several at once and names those that are not there', async () => {
    await put('many/a', '1');
    await put('many/b', '2');

    const { Parameters, InvalidParameters } = await ssm.send(
      new GetParametersCommand({ Names: [`${root}/many/a`, `${root}/many/b`, `${root}/many/c`] }),
    );

    expect(Parameters!.map(({ Value }) => Value).sort()).toEqual(['1', '2']);
    expect(InvalidParameters).toEqual([`${root}/many/c`]);
  });

  it('walks a path: one level or all, in pages', async () => {
    for (const name of ['path/a', 'path/b', 'path/deep/c', 'pathology']) await put(name, 'x');
    const walk = async (Recursive: boolean): Promise<string[]> => {
      const found: string[] = [];
      let NextToken: string | undefined;
      do {
        const page = await ssm.send(
          new GetParametersByPathCommand({ Path: `${root}/path`, Recursive, MaxResults: 1, NextToken }),
        );
        found.push(...page.Parameters!.map(({ Name }) => Name!.slice(root.length)));
        NextToken = page.NextToken;
      } while (NextToken);
      return found.sort();
    };

    expect(await walk(false)).toEqual(['/path/a', '/path/b']);
    expect(await walk(true)).toEqual(['/path/a', '/path/b', '/path/deep/c']);
  });

  it('describes parameters by filter, without their values', async () => {
    await put('described', 'x', { Description: 'what it is' });

    const { Parameters } = await ssm.send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [`${root}/described`] }],
      }),
    );

    expect(Parameters).toEqual([expect.objectContaining({ Name: `${root}/described`, Description: 'what it is' })]);
  });

  it('deletes, and says ParameterNotFound afterwards', async () => {
    await put('gone', 'x');
    await put('gone too', 'x').catch(() => undefined);

    await ssm.send(new DeleteParameterCommand({ Name: `${root}/gone` }));
    const { InvalidParameters } = await ssm.send(new DeleteParametersCommand({ Names: [`${root}/gone`] }));

    await expect(get('gone')).rejects.toBeInstanceOf(ParameterNotFound);
    expect(InvalidParameters).toEqual([`${root}/gone`]);
  });

  it.each([
    ['an empty value', { Value: '' }],
    ['a value over 4 KB', { Value: 'x'.repeat(4097) }],
    ['a name with spaces', { Name: `${root}/no spaces` }],
  ])('refuses %s', async (_, input) => {
    const answer = ssm.send(new PutParameterCommand({ Name: `${root}/wrong`, Value: 'x', Type: 'String', ...input }));

    await expect(answer).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('STS says who is asking', async () => {
    const identity = await sts.send(new GetCallerIdentityCommand({}));

    expect(identity.Account).toMatch(/^\d{12}$/);
    expect(identity.Arn).toContain(`:${identity.Account!}:`);
  });

  it('STS gives out temporary keys', async () => {
    const RoleArn = 'arn:aws:iam::000000000000:role/team/builder';

    const role = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', DurationSeconds: 900 }));
    const session = await sts.send(new GetSessionTokenCommand({}));

    expect(role.AssumedRoleUser!.Arn).toBe('arn:aws:sts::000000000000:assumed-role/builder/test');
    expect(role.Credentials!.AccessKeyId).toMatch(/^ASIA/);
    expect(role.Credentials!.Expiration!.getTime()).toBeGreaterThan(Date.now());
    expect(session.Credentials!.SessionToken).toBeTruthy();
  });

  it('STS refuses a role that is no role', async () => {
    const answer = sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::x', RoleSessionName: 'test' }));

    await expect(answer).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });
});
