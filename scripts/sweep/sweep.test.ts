import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from './model.ts';
import type { Summary } from './summary.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const fixture = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe('npm run sweep', () => {
  it('runs every file of a folder through the real functions', () => {
    const folder = mkdtempSync(join(tmpdir(), 'darkroom-sweep-'));
    cpSync(fixture('services/variants/test/fixtures/landscape_6.jpg'), join(folder, 'lying.jpg'));
    cpSync(fixture('services/variants/test/fixtures/cheers_1440x960.heic'), join(folder, 'street.heic'));
    writeFileSync(join(folder, 'words.png'), 'no image at all');

    const { status, stdout } = spawnSync(process.execPath, [MAIN, folder, '--json', '--jobs', '1'], {
      encoding: 'utf8',
    });

    rmSync(folder, { recursive: true });
    const { summary, rows } = JSON.parse(stdout) as { summary: Summary; rows: Row[] };
    expect(status).toBe(0);
    expect(summary).toMatchObject({
      files: 3,
      ready: 2,
      rejected: { UNSUPPORTED_FORMAT: 1 },
      failed: 0,
      complaints: [],
    });
    expect(rows.map(({ outcome, steps }) => [outcome.status, Object.keys(steps)])).toEqual([
      ['READY', ['validate', 'metadata', 'moderation', 'thumbnail', 'mobile', 'web']],
      ['READY', ['validate', 'develop', 'metadata', 'moderation', 'thumbnail', 'mobile', 'web']],
      ['REJECTED', ['validate']],
    ]);
    for (const { peakMegabytes, milliseconds } of rows) {
      expect(peakMegabytes).toBeGreaterThan(20);
      expect(milliseconds).toBeGreaterThanOrEqual(0);
    }
  });
});
