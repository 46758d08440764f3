import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sandbox, zooFunction } from './support.ts';

const PARENT = fileURLToPath(new URL('./orphan.mjs', import.meta.url));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process: that is what the test waits for.
    return false;
  }
}

describe('kill -9 of the parent', () => {
  it('leaves no function behind, not even one that never yields', async () => {
    const box = sandbox();
    const functions = [
      zooFunction('sleeping', { timeoutSeconds: 60 }),
      zooFunction('spinning', { timeoutSeconds: 60 }),
    ];
    const parent = spawn(process.execPath, [PARENT, box.context.dataDir, JSON.stringify(functions)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (chunk: Buffer) => {
        resolve(chunk.toString());
      }),
    );
    const pids = JSON.parse(line) as number[];
    expect(pids).toHaveLength(2);
    expect(pids.every(isAlive)).toBe(true);

    parent.kill('SIGKILL');
    while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));

    expect(pids.some(isAlive)).toBe(false);
    box.dispose();
  });
});
