import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { ConfigError } from './errors.ts';

/** How long a secret is kept before it is read again, in milliseconds: a rotated one is in force within five minutes. */
const SECRET_LIFE_MS = 300_000;

/**
 * A function that reads a SecureString parameter and remembers it. Call it in every invocation: a warm environment
 * makes one call in five minutes. Throws ConfigError when the parameter has no value.
 */
export const createSecretReader = (
  ssm: SSMClient,
  name: string,
  now: () => number = Date.now,
): (() => Promise<string>) => {
  let held: { value: Promise<string>; until: number } | undefined;
  const read = async (): Promise<string> => {
    const answer = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    const value = answer.Parameter?.Value;
    if (value === undefined || value === '')
      throw new ConfigError(`expected a secret in the SSM parameter ${name} but found none`);
    return value;
  };
  return async () => {
    if (held !== undefined && held.until > now()) return held.value;
    const value = read();
    held = { value, until: now() + SECRET_LIFE_MS };
    // A failed read must not be remembered: the next invocation tries again.
    value.catch(() => (held = undefined));
    return value;
  };
};
