import type { JsonObject } from './json.ts';
import { checkTemplates, checkTogether } from './rules.ts';

const judge = (resources: JsonObject): string[] =>
  checkTemplates([{ service: 'demo', template: { Resources: resources } }]);

const role = (statement: JsonObject): JsonObject => ({
  FnRole: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement: [statement] } }] } },
});

describe('identity policies', () => {
  it('pass when actions and resources are named', () => {
    const resources = role({ Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::b/*' });

    expect(judge(resources)).toEqual([]);
  });

  it('fail on a wildcard action', () => {
    const resources = role({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b/*' });

    expect(judge(resources)).toEqual(['demo: expected named actions in FnRole but received s3:*']);
  });

  it('fail on a wildcard resource where the action has resources', () => {
    const resources = role({ Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*'] });

    expect(judge(resources)).toEqual(['demo: expected a resource for s3:GetObject in FnRole but received *']);
  });

  it('pass on a wildcard resource where the action has none', () => {
    const resources = role({ Effect: 'Allow', Action: ['xray:PutTraceSegments'], Resource: '*' });

    expect(judge(resources)).toEqual([]);
  });

  it('fail on NotAction, which grants everything but', () => {
    const resources = role({ Effect: 'Allow', NotAction: 's3:DeleteObject', Resource: 'arn:aws:s3:::b/*' });

    expect(judge(resources)[0]).toContain('NotAction');
  });
});

describe('resource policies', () => {
  const policy = (statement: JsonObject): JsonObject => ({
    Open: { Type: 'AWS::SQS::QueuePolicy', Properties: { PolicyDocument: { Statement: [statement] } } },
  });

  it('fail when they allow everyone without a condition', () => {
    expect(judge(policy({ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage' }))).toHaveLength(1);
  });

  it('pass when everyone is bound by a condition or denied', () => {
    const bound = { Effect: 'Allow', Principal: { AWS: '*' }, Condition: { ArnEquals: { 'aws:SourceArn': 'x' } } };

    expect(judge(policy(bound))).toEqual([]);
    expect(judge(policy({ Effect: 'Deny', Principal: '*', Action: 's3:*' }))).toEqual([]);
  });
});

describe('queues', () => {
  const queues = {
    Work: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 60,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
      },
    },
    Dead: { Type: 'AWS::SQS::Queue', Properties: {} },
  };

  it('pass when each has a dead-letter queue or is one', () => {
    expect(judge(queues)).toEqual([]);
  });

  it('fail when one has none', () => {
    expect(judge({ Lone: { Type: 'AWS::SQS::Queue', Properties: {} } })).toEqual([
      'demo: expected a RedrivePolicy on queue Lone but received none',
    ]);
  });

  it('fail when the source repeats whole batches or shows a message again too soon', () => {
    const complaints = judge({
      ...queues,
      Fn: { Type: 'AWS::Lambda::Function', Properties: { Timeout: 30, Architectures: ['arm64'] } },
      Source: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] },
          FunctionName: { 'Fn::GetAtt': ['Fn', 'Arn'] },
        },
      },
    });

    expect(complaints).toEqual([
      expect.stringContaining('expected ReportBatchItemFailures on Source'),
      expect.stringContaining('at least 180 s for Source but received 60 s'),
    ]);
  });
});

describe('buckets', () => {
  const closed = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  };
  const bucket = {
    Type: 'AWS::S3::Bucket',
    Properties: { PublicAccessBlockConfiguration: closed, BucketEncryption: {} },
  };
  const tlsOnly = {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'Photos' },
      PolicyDocument: {
        Statement: [{ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      },
    },
  };

  it('pass when closed, encrypted and TLS only', () => {
    expect(judge({ Photos: bucket, PhotosPolicy: tlsOnly })).toEqual([]);
  });

  it('fail once for each thing that is missing', () => {
    const complaints = judge({ Photos: { Type: 'AWS::S3::Bucket', Properties: {} } });

    // Four public-access blocks, encryption and TLS.
    expect(complaints).toHaveLength(6);
  });
});

describe('the rest', () => {
  it('fails on a log group that keeps its lines for ever', () => {
    expect(judge({ Logs: { Type: 'AWS::Logs::LogGroup', Properties: {} } })[0]).toContain('RetentionInDays');
  });

  it('measures names with the account and the longest region filled in', () => {
    const RoleName = { 'Fn::Join': ['-', ['darkroom', 'a'.repeat(41), { Ref: 'AWS::Region' }]] };

    const complaints = judge({ Long: { Type: 'AWS::IAM::Role', Properties: { RoleName } } });

    expect(complaints[0]).toContain('at most 64 characters for the name of Long but received 65');
  });

  it('fails on a function for another processor', () => {
    const resources = { Fn: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs24.x' } } };

    expect(judge(resources)[0]).toContain('Architectures [arm64]');
  });
});

describe('parameters between stacks', () => {
  const inOrder = { services: { a: { path: 'a' }, c: { path: 'c' }, b: { path: 'b', dependsOn: 'a' } } };

  const publisher = (service: string): { service: string; template: JsonObject } => ({
    service,
    template: { Resources: { Out: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/prod/darkroom/a/arn' } } } },
  });
  const consumer = {
    service: 'b',
    template: { Parameters: { In: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/prod/darkroom/a/arn' } } },
  };

  it('pass when every consumed name has one publisher', () => {
    expect(checkTogether([publisher('a'), consumer], inOrder)).toEqual([]);
  });

  it('fail when nobody publishes, naming who waits for it', () => {
    const complaints = checkTogether([consumer], inOrder);

    expect(complaints).toEqual(['b: expected a service that publishes /prod/darkroom/a/arn but found none']);
  });

  it('fail when two publish the same name', () => {
    expect(checkTogether([publisher('a'), publisher('c')], inOrder)).toHaveLength(1);
  });

  it('fail when two stacks wait for each other: the first deployment could never begin', () => {
    const stack = (service: string, publishes: string, consumes: string) => ({
      service,
      template: {
        Parameters: { In: { Type: 'AWS::SSM::Parameter::Value<String>', Default: consumes } },
        Resources: { Out: { Type: 'AWS::SSM::Parameter', Properties: { Name: publishes } } },
      },
    });

    const complaints = checkTogether([stack('a', '/p/a', '/p/b'), stack('b', '/p/b', '/p/a')], inOrder);

    expect(complaints).toContainEqual(expect.stringContaining('a for b, b for a'));
  });

  it('fail when compose would deploy a stack before the one it waits for', () => {
    const anyOrder = { services: { a: { path: 'a' }, b: { path: 'b' } } };

    expect(checkTogether([publisher('a'), consumer], anyOrder)).toEqual([
      'expected dependsOn a for b in serverless-compose.yml, whose parameters it consumes',
    ]);
  });

  it('pass when compose has the order through another service', () => {
    const through = {
      services: { a: { path: 'a' }, m: { path: 'm', dependsOn: ['a'] }, b: { path: 'b', dependsOn: 'm' } },
    };

    expect(checkTogether([publisher('a'), consumer], through)).toEqual([]);
  });
});
