function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Serverless Framework's normal form of a function key: `render-variant` → `RenderDashvariant`. */
export function normalizedKey(key: string): string {
  return capital(key.replaceAll('-', 'Dash').replaceAll('_', 'Underscore'));
}

/** `okFn` → `OkFnLambdaFunction`, as Serverless names the CloudFormation resource. */
export function functionLogicalId(key: string): string {
  return `${normalizedKey(key)}LambdaFunction`;
}

/** `okFn` → `OkFnLambdaFunctionUrl` */
export function functionUrlLogicalId(key: string): string {
  return `${functionLogicalId(key)}Url`;
}

/** Name of a function whose configuration gives none: `service-stage-key`. */
export function functionName(service: string, stage: string, key: string): string {
  return `${service}-${stage}-${key}`;
}
