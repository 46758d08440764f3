import type { Dict } from './values.ts';

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** Still with intrinsic functions in it. */
  readonly properties: Dict;
  readonly condition: string | undefined;
}

/** One service's `serverless.yml` with all Serverless variables resolved; CloudFormation's functions are still in place. */
export interface ServiceModel {
  /** `service:` of the file, such as `darkroom-upload`. */
  readonly name: string;
  readonly directory: string;
  readonly stage: string;
  /** CloudFormation's name of the stack: `{service}-{stage}`. */
  readonly stackName: string;
  readonly provider: Dict;
  /** `custom.esbuild`, the options of serverless-esbuild. */
  readonly esbuild: Dict;
  /** Function key → its entry in `functions:`. */
  readonly functions: Readonly<Record<string, Dict>>;
  /** Key → entry of `stepFunctions.stateMachines`. */
  readonly stateMachines: Readonly<Record<string, Dict>>;
  readonly parameters: Readonly<Record<string, Dict>>;
  readonly conditions: Dict;
  readonly mappings: Dict;
  /** Declared and generated resources by logical id. */
  readonly resources: ReadonlyMap<string, Resource>;
}
