import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { CliError } from '../errors.ts';
import { readRunFile } from '../system/run-file.ts';

export interface ReprocessOptions {
  readonly data: string;
  readonly tenant: string;
  readonly json?: boolean;
}

const FUNCTION = 'darkroom-pipeline-local-startReprocess';

const startedSchema = z.object({ examined: z.int(), queued: z.int(), next: z.string().nullable() });
const failureSchema = z.object({ errorMessage: z.string() });
type Started = z.infer<typeof startedSchema>;

/** One call of startReprocess: a page of a long list, or all of a short one. Throws API_ERROR with what the function said. */
const callOnce = async (client: LambdaClient, order: object): Promise<Started> => {
  const Payload = JSON.stringify(order);
  const answer = await client.send(new InvokeCommand({ FunctionName: FUNCTION, Payload }));
  const value: unknown = JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8') || 'null');
  const started = startedSchema.safeParse(value);
  if (answer.FunctionError === undefined && started.success) return started.data;
  const failure = failureSchema.safeParse(value);
  const said = failure.success ? failure.data.errorMessage : JSON.stringify(value);
  throw new CliError('API_ERROR', `expected images to be queued but received: ${said}`);
};

/** All pages, each beginning where the one before it ended. */
const callAll = async (client: LambdaClient, order: object): Promise<{ examined: number; queued: number }> => {
  let [examined, queued] = [0, 0];
  let after: string | null | undefined;
  do {
    const page = await callOnce(client, { ...order, ...(after !== undefined && { after }) });
    [examined, queued, after] = [examined + page.examined, queued + page.queued, page.next];
  } while (after !== null);
  return { examined, queued };
};

/**
 * `darkroom reprocess --tenant T [ID…]`: has a tenant's images, or the given ones of them, rendered again by the present ladder, behind
 * all fresh uploads. Answers when they are queued. Throws NOT_RUNNING and API_ERROR.
 */
export const reprocess = async (imageIds: readonly string[], options: ReprocessOptions): Promise<number> => {
  const run = readRunFile(options.data);
  if (run === undefined)
    throw new CliError('NOT_RUNNING', `expected a running system on ${options.data} but there is none`);
  const client = new LambdaClient({
    endpoint: run.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const order = { tenant: options.tenant, ...(imageIds.length > 0 && { imageIds }) };
    const started = await callAll(client, order);
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(started)}\n`
        : `${started.examined} images examined, ${started.queued} queued to be rendered again\n`,
    );
    return 0;
  } finally {
    client.destroy();
  }
};
