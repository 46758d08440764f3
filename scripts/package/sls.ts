import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** How one `sls package` ended; `output` holds both streams. */
export interface SlsResult {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

/** A service packages in 5 s on two cores; a command that takes two minutes hangs. */
const TIME_LIMIT_MS = 120_000;

/** Any region will do, as long as it is not the default one: a template that only works in us-east-1 shows here. */
const REGION = 'eu-west-1';

/** The names of the services that can be packaged: folders of services/ with a serverless.yml. */
export const listServices = (root: string): string[] =>
  readdirSync(join(root, 'services'))
    .filter((name) => existsSync(join(root, 'services', name, 'serverless.yml')))
    .sort();

/** Where `sls package` leaves a service's zips, and its template among them. */
export const outputOf = (root: string, service: string): string => join(root, 'services', service, '.serverless');
export const templateFile = (root: string, service: string): string =>
  join(outputOf(root, service), 'cloudformation-template-update-stack.json');

/** The environment without anything that could reach an account: packaging needs neither network nor credentials. */
export const withoutAws = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AWS_'))),
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** Runs `sls package --stage prod` in a service's folder; never throws, a time-out is an answer. */
export const packageService = (root: string, service: string): Promise<SlsResult> => {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/serverless/bin/serverless.js'), 'package', '--stage', 'prod', '--region', REGION],
    {
      cwd: join(root, 'services', service),
      env: withoutAws(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT_MS,
      killSignal: 'SIGKILL',
    },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const end = (ok: boolean, note = ''): void => {
      const seconds = (performance.now() - started) / 1000;
      resolve({ ok, output: Buffer.concat(chunks).toString('utf8') + note, seconds });
    };
    child.on('error', (error) => {
      end(false, error.message);
    });
    child.on('close', (code, signal) => {
      end(code === 0, signal ? `\nexpected sls to end within ${TIME_LIMIT_MS / 1000} s but it did not\n` : '');
    });
  });
};
