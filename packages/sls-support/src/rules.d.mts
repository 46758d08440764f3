type Environment = Readonly<Record<string, string | undefined>>;
interface Target {
  stages: readonly string[];
  host: string;
  edgePort: number;
}

export const MAX_FUNCTION_NAME: 64;
export function readTarget(custom: { localstack?: Partial<Target> } | undefined): Target;
export function localEnvironment(from: { stage: string; target: Target; env: Environment }): Record<string, string>;
export function leftoverEndpoint(from: {
  stage: string;
  target: Target;
  env: Environment;
  command: string;
}): string | undefined;
export function longFunctionNames(functions: readonly { key: string; name: string }[]): string[];
