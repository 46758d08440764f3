import { leftoverEndpoint, localEnvironment, longFunctionNames, readTarget } from '../src/rules.mjs';

const target = readTarget(undefined);

describe('localEnvironment', () => {
  it('points every client at the stand-in on stage local', () => {
    const env = localEnvironment({ stage: 'local', target, env: {} });

    expect(env).toEqual({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      EDGE_PORT: '4566',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });

  it('keeps an endpoint that is already set, for a stand-in on another port', () => {
    const env = localEnvironment({ stage: 'local', target, env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4577' } });

    expect(env).toMatchObject({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4577', EDGE_PORT: '4577' });
  });

  it('leaves every other stage alone', () => {
    expect(localEnvironment({ stage: 'prod', target, env: {} })).toEqual({});
  });
});

describe('leftoverEndpoint', () => {
  const ask = (over: Partial<Parameters<typeof leftoverEndpoint>[0]> = {}) =>
    leftoverEndpoint({
      stage: 'prod',
      target,
      env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
      command: 'deploy',
      ...over,
    });

  it('refuses a deployment that would silently go to the stand-in', () => {
    expect(ask()).toMatch(/^expected no AWS_ENDPOINT_URL for stage prod but received http:\/\/127\.0\.0\.1:4566/);
  });

  it('also sees the endpoint of a single service', () => {
    expect(ask({ env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000' } })).toContain('AWS_ENDPOINT_URL_S3');
  });

  it.each([
    ['stage local', { stage: 'local' }],
    ['a command that never calls AWS', { command: 'package' }],
    ['an empty variable', { env: { AWS_ENDPOINT_URL: '' } }],
    ['an explicit yes', { env: { AWS_ENDPOINT_URL: 'http://10.0.0.1', DARKROOM_ALLOW_ENDPOINT: '1' } }],
  ])('allows %s', (_, over) => {
    expect(ask(over)).toBeUndefined();
  });
});

describe('longFunctionNames', () => {
  it('names the function whose deployed name has 65 characters, and not the one with 64', () => {
    const name = 'n'.repeat(64);

    const complaints = longFunctionNames([
      { key: 'fits', name },
      { key: 'long', name: `${name}n` },
    ]);

    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain('function long but received 65');
  });
});
