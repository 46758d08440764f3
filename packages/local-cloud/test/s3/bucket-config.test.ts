import {
  DeleteBucketCorsCommand,
  DeleteBucketPolicyCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { refusal, s3Lab, type S3Lab } from './support.ts';

let lab: S3Lab;
let Bucket: string;
beforeAll(async () => {
  lab = await s3Lab();
});
beforeEach(async () => {
  Bucket = await lab.createBucket();
});
afterAll(() => lab.end());

describe('CORS', () => {
  const preflight = (headers: Record<string, string>) =>
    fetch(`${lab.endpoint}/${Bucket}/key`, { method: 'OPTIONS', headers });
  const asking = {
    origin: 'https://app.example',
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type, x-amz-date',
  };
  const CORSRules = [
    {
      AllowedOrigins: ['https://*.example', 'https://app.example'],
      AllowedMethods: ['PUT', 'GET'],
      AllowedHeaders: ['*'],
      ExposeHeaders: ['ETag'],
      MaxAgeSeconds: 60,
    },
  ];

  it('is refused without a configuration', async () => {
    expect((await preflight(asking)).status).toBe(403);
    expect(await refusal(lab.client.send(new GetBucketCorsCommand({ Bucket })))).toMatchObject({
      code: 'NoSuchCORSConfiguration',
      status: 404,
    });
  });

  it('lets preflights through by its rules', async () => {
    await lab.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    expect((await lab.client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules);

    const answer = await preflight(asking);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'PUT, GET',
      'access-control-allow-headers': 'content-type, x-amz-date',
      'access-control-expose-headers': 'ETag',
      'access-control-max-age': '60',
    });
    expect(answer.headers.get('vary')).toContain('Origin');
    expect((await preflight({ ...asking, origin: 'https://evil.test' })).status).toBe(403);
    expect((await preflight({ ...asking, 'access-control-request-method': 'DELETE' })).status).toBe(403);

    await lab.client.send(new DeleteBucketCorsCommand({ Bucket }));
    expect((await preflight(asking)).status).toBe(403);
  });

  it('is on actual answers, errors included, so that a page can read them', async () => {
    await lab.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    const answer = await fetch(`${lab.endpoint}/${Bucket}/key`, { headers: { origin: 'https://app.example' } });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(answer.headers.get('access-control-expose-headers')).toBe('ETag');
    const foreign = await fetch(`${lab.endpoint}/${Bucket}/key`, { headers: { origin: 'https://evil.test' } });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('gives an asterisk as an asterisk', async () => {
    await lab.client.send(
      new PutBucketCorsCommand({
        Bucket,
        CORSConfiguration: { CORSRules: [{ AllowedOrigins: ['*'], AllowedMethods: ['PUT'], AllowedHeaders: ['*'] }] },
      }),
    );
    const answer = await preflight(asking);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('refuses methods that S3 does not have', async () => {
    const wrong = new PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: { CORSRules: [{ AllowedOrigins: ['*'], AllowedMethods: ['PATCH'] }] },
    });
    expect(await refusal(lab.client.send(wrong))).toMatchObject({ code: 'InvalidRequest', status: 400 });
  });
});

describe('a bucket policy', () => {
  const policy = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'one', Principal: '*', ...statement }] });
  const publicRead = () =>
    policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/public/*` });
  const read = async (Key: string) => (await fetch(`${lab.endpoint}/${Bucket}/${Key}`)).status;
  beforeEach(async () => {
    for (const Key of ['public/a', 'private/a'])
      await lab.client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  });

  it('opens what it names to everyone, until it is removed', async () => {
    await lab.client.send(new PutBucketPolicyCommand({ Bucket, Policy: publicRead() }));
    expect(await read('public/a')).toBe(200);
    expect(await read('private/a')).toBe(403);
    expect((await lab.client.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(publicRead());
    await lab.client.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect(await read('public/a')).toBe(403);
    expect(await refusal(lab.client.send(new GetBucketPolicyCommand({ Bucket })))).toMatchObject({
      code: 'NoSuchBucketPolicy',
      status: 404,
    });
  });

  it('cannot be public against the public access block', async () => {
    await lab.client.send(new PutBucketPolicyCommand({ Bucket, Policy: publicRead() }));
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    };
    await lab.client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    expect((await lab.client.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toEqual(
      PublicAccessBlockConfiguration,
    );
    expect(await read('public/a')).toBe(403);
    expect(await refusal(lab.client.send(new PutBucketPolicyCommand({ Bucket, Policy: publicRead() })))).toMatchObject({
      code: 'AccessDenied',
      status: 403,
    });
  });

  it('that wants TLS does not shut the loopback out, and one that forbids does', async () => {
    const all = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
    const tls = policy({
      Effect: 'Deny',
      Action: 's3:*',
      Resource: all,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    await lab.client.send(new PutBucketPolicyCommand({ Bucket, Policy: tls }));
    await lab.client.send(new PutObjectCommand({ Bucket, Key: 'over-loopback', Body: 'x' }));
    await lab.client.send(
      new PutBucketPolicyCommand({ Bucket, Policy: policy({ Effect: 'Deny', Action: 's3:PutObject', Resource: all }) }),
    );
    expect(await refusal(lab.client.send(new PutObjectCommand({ Bucket, Key: 'forbidden', Body: 'x' })))).toMatchObject(
      { code: 'AccessDenied', status: 403 },
    );
    await lab.client.send(new DeleteBucketPolicyCommand({ Bucket }));
  });

  it('has to be one', async () => {
    expect(await refusal(lab.client.send(new PutBucketPolicyCommand({ Bucket, Policy: '{' })))).toMatchObject({
      code: 'MalformedPolicy',
      status: 400,
    });
  });
});

describe('other documents', () => {
  it('are given back as they were put', async () => {
    const Rules = [
      {
        ID: 'r',
        Status: 'Enabled' as const,
        Filter: { Prefix: 'staging/' },
        Expiration: { Days: 2 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ];
    await lab.client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    expect((await lab.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toEqual(Rules);

    const TagSet = [{ Key: 'team', Value: 'a & b' }];
    await lab.client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await lab.client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);

    expect((await lab.client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    await lab.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }));
    expect((await lab.client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Suspended');

    const ServerSideEncryptionConfiguration = {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BucketKeyEnabled: true }],
    };
    await lab.client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
    expect(
      (await lab.client.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration,
    ).toEqual(ServerSideEncryptionConfiguration);

    const answer = await lab.client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(answer.QueueConfigurations).toBeUndefined();
  });

  it('are refused when they cannot be acted on', async () => {
    const acl = new PutBucketAclCommand({ Bucket, ACL: 'public-read' });
    // "If your bucket uses the bucket owner enforced setting for S3 Object Ownership, ACLs are disabled."
    expect(await refusal(lab.client.send(acl))).toMatchObject({ code: 'AccessControlListNotSupported', status: 400 });
    const QueueArn = `arn:aws:sqs:${lab.clientConfig.region}:000000000000:no-such-queue-${Bucket}`;
    const notify = new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] },
    });
    expect(await refusal(lab.client.send(notify))).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });
});
