import * as z from 'zod';

/** A target of a rule, in the shape of the API. */
export const targetSchema = z.looseObject({
  Id: z.string().min(1).max(64),
  Arn: z.string().min(1),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .object({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
  DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
  RetryPolicy: z
    .object({ MaximumRetryAttempts: z.number().optional(), MaximumEventAgeInSeconds: z.number().optional() })
    .optional(),
});

export type Target = z.infer<typeof targetSchema>;

/** What an input template may name beside its own variables. */
export interface TemplateContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** ISO 8601 */
  readonly ingestionTime: string;
}

/** `$.detail.key` and `$.detail.list[0]`; `$` is the whole event. Undefined where there is nothing. */
function valueAt(path: string, event: unknown): unknown {
  const steps = path.replace(/^\$\.?/, '').match(/[^.[\]]+/g) ?? [];
  return steps.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return (value as Record<string, unknown>)[step];
  }, event);
}

const PREDEFINED: Readonly<Record<string, (event: unknown, context: TemplateContext) => unknown>> = {
  'aws.events.rule-arn': (_, { ruleArn }) => ruleArn,
  'aws.events.rule-name': (_, { ruleName }) => ruleName,
  'aws.events.event.ingestion-time': (_, { ingestionTime }) => ingestionTime,
  'aws.events.event': (event) => event,
  'aws.events.event.json': (event) => event,
};

/**
 * Fills a template. Inside a quoted text of a JSON template values go in without quotes of their own; elsewhere they
 * go in as JSON.
 */
function fill(template: string, valueOf: (name: string) => unknown): string {
  let isQuoted = false;
  return template.replace(/\\.|"|<([^<>\s"]+)>/g, (match, name: string | undefined) => {
    if (match === '"') isQuoted = !isQuoted;
    if (name === undefined) return match;
    const value = valueOf(name);
    if (!isQuoted) return JSON.stringify(value ?? '');
    return typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : escapeInside(value);
  });
}

function escapeInside(value: unknown): string {
  const text = JSON.stringify(value ?? '');
  return typeof value === 'object' ? JSON.stringify(text).slice(1, -1) : text.replace(/^"|"$/g, '');
}

/** The text that a target gets for an event: the event itself, a constant, a part of it, or a filled template. */
export function inputFor(target: Target, event: unknown, context: TemplateContext): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(target.InputPath, event) ?? {});
  const transformer = target.InputTransformer;
  if (!transformer) return JSON.stringify(event);
  const paths = transformer.InputPathsMap ?? {};
  return fill(transformer.InputTemplate, (name) => {
    const path = paths[name];
    return path === undefined ? PREDEFINED[name]?.(event, context) : valueAt(path, event);
  });
}
