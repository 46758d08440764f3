import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from './lock.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'darkroom-lock-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The highest process id that Linux ever gives is below this. */
const NO_PROCESS = 2 ** 22 + 1;

describe('lockDataDir', () => {
  it('makes the folder and gives it back', () => {
    const data = join(folder, 'a', 'b');

    const unlock = lockDataDir(data);
    expect(existsSync(join(data, 'lock'))).toBe(true);
    unlock();

    expect(existsSync(join(data, 'lock'))).toBe(false);
    lockDataDir(data)();
  });

  it('refuses a folder that a living process uses, and names the process', () => {
    const unlock = lockDataDir(folder);

    expect(() => lockDataDir(folder)).toThrow(
      expect.objectContaining({ code: 'DATA_DIR_IN_USE', message: expect.stringContaining(String(process.pid)) }),
    );
    unlock();
  });

  it.each([
    ['a dead process', JSON.stringify({ pid: NO_PROCESS, startedAt: '1' })],
    ['a process whose id was given out again', JSON.stringify({ pid: process.pid, startedAt: '1' })],
    ['a write that was cut off', '{"pid":'],
  ])('takes over the lock of %s', (_what, content) => {
    writeFileSync(join(folder, 'lock'), content);

    lockDataDir(folder)();

    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('refuses a folder that cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');

    expect(() => lockDataDir(join(folder, 'file', 'data'))).toThrow(
      expect.objectContaining({ code: 'DATA_DIR_UNWRITABLE' }),
    );
  });
});
