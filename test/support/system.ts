import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signToken } from '../../packages/runtime/src/tokens.ts';
import type { AccessClaims } from '../../packages/types/src/tokens.ts';
import { anyPorts, type CliRun, startCli } from './cli.ts';

export interface TestSystem {
  /** Base of the HTTP APIs, without a slash at its end. */
  readonly api: string;
  /** Base of the CDN. */
  readonly cdn: string;
  /** Its data folder. */
  readonly dir: string;
  /** The AWS endpoint. */
  readonly endpoint: string;
  /** The secret that signs its tokens. */
  readonly secret: string;
  /** An access token for every scope of tenant `default` for an hour, but for what is given. */
  readonly mint: (claims?: Partial<AccessClaims>) => string;
  readonly stop: () => Promise<void>;
}

/** What `up --json` prints once everything answers. */
const firstLine = (run: CliRun): Promise<string> =>
  new Promise((resolve, reject) => {
    let seen = '';
    run.child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString('utf8');
      if (seen.includes('\n')) resolve(seen.slice(0, seen.indexOf('\n')));
    });
    void run.finished.then(({ stdout, stderr }) => {
      reject(new Error(`expected the system to start but it ended: ${stdout}${stderr}`));
    });
  });

/** `darkroom up` in a process of its own, on free ports and a fresh data folder. */
export const startSystem = async (): Promise<TestSystem> => {
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-system-'));
  const run = startCli(['up', '--json', '--data', dir, ...anyPorts]);
  const line = await firstLine(run);
  const { api, cdn, endpoint } = JSON.parse(line) as { api?: string; cdn?: string; endpoint?: string };
  if (api === undefined || cdn === undefined || endpoint === undefined)
    throw new Error(`expected the system to start but it said: ${line}`);
  const secret = (await readFile(join(dir, 'token-secret'), 'utf8')).trim();
  return {
    api,
    cdn,
    dir,
    endpoint,
    secret,
    mint: (claims = {}) => {
      const exp = Math.floor(Date.now() / 1000) + 3600;
      return signToken(
        {
          typ: 'access',
          tenant: 'default',
          owner: null,
          scopes: ['upload', 'read', 'delete', 'review'],
          exp,
          ...claims,
        },
        secret,
      );
    },
    stop: async () => {
      run.child.kill('SIGTERM');
      await run.finished;
      await rm(dir, { recursive: true, force: true });
    },
  };
};
