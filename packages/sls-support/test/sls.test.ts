import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const sls = join(here, '../../../node_modules/serverless/bin/serverless.js');

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the real `sls` in a fixture service. A command that hangs is killed and answers code null. */
const run = (service: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> => {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const child = spawn(process.execPath, [sls, ...args], {
    cwd: join(here, 'fixtures', service),
    env: { ...Object.fromEntries(clean), AWS_EC2_METADATA_DISABLED: 'true', ...env },
    timeout: 45_000,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
};

describe('sls with the plugin', () => {
  it('packages for production', async () => {
    const ended = await run('works', ['package', '--stage', 'prod']);

    expect(ended).toMatchObject({ code: 0, output: expect.stringContaining('Service packaged') });
  });

  it('ends after a success on stage local, where the esbuild context is never disposed', async () => {
    const ended = await run('works', ['package', '--stage', 'local']);

    expect(ended).toMatchObject({ code: 0, output: expect.stringContaining('Reconfigured endpoints') });
  });

  it('ends with code 1 when the bundle cannot be made', async () => {
    const ended = await run('broken', ['package', '--stage', 'prod']);

    expect(ended).toMatchObject({ code: 1, output: expect.stringContaining('nowhere.js') });
  });

  it('refuses to deploy to a real stage through an endpoint that was left in the shell', async () => {
    const ended = await run('works', ['deploy', '--stage', 'prod'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });

    expect(ended.code).toBe(1);
    expect(ended.output).toContain('expected no AWS_ENDPOINT_URL for stage prod but received http://127.0.0.1:1');
  });
});
