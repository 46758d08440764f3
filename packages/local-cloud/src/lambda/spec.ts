import type { Dict } from '../stack/values.ts';

/** One function as it is to be run. */
export interface FunctionSpec {
  /** Key in `functions:` */
  readonly key: string;
  readonly name: string;
  readonly arn: string;
  /** Name of the service that owns it. */
  readonly service: string;
  /** The service's folder; the working directory of the function, as `/var/task` is on Lambda. */
  readonly directory: string;
  /** `src/functions/x/handler.main` */
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** `custom.esbuild` of the service. */
  readonly esbuild: Dict;
  readonly async: {
    /** 0 to 2 */
    readonly maximumRetryAttempts: number;
    readonly maximumEventAgeSeconds: number;
    readonly onFailure: string | undefined;
    readonly onSuccess: string | undefined;
  };
}
