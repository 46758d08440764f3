/** A value that one stack publishes for others, as the SSM parameter `/{stage}/darkroom/{service}/{name}`. */
export const parameterName = (stage: string, service: string, name: string): string =>
  `/${stage}/darkroom/${service}/${name}`;

/** The secret that signs tokens: a SecureString that the operator (or the embedded system) creates before the first deploy. */
export const tokenSecretParameter = (stage: string): string => parameterName(stage, 'shared', 'token-secret');
