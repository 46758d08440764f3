import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../../src/lambda/bundle.ts';
import { zooFunction } from './support.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'darkroom-bundle-'));
  mkdirSync(join(directory, 'src'));
  writeFileSync(
    join(directory, 'src', 'a.ts'),
    "import { word } from './word.ts';\nexport const main = async () => word;\n",
  );
  writeFileSync(join(directory, 'src', 'word.ts'), "export const word: string = 'one';\n");
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Bundles the one function; returns its file and how many builds that took. */
async function bundle(overrides: object = {}): Promise<{ file: string; builds: number }> {
  let builds = 0;
  const spec = zooFunction('a', { directory, handler: 'src/a.main', ...overrides });
  const bundles = await bundleFunctions([spec], (_level, message) => {
    if (message === 'functions bundled') builds += 1;
  });
  return { file: bundles.get(spec.name)?.file ?? '', builds };
}

async function run(file: string): Promise<unknown> {
  const module = (await import(file)) as { main: () => Promise<unknown> };
  return module.main();
}

describe('bundles', () => {
  it('are built once while the sources hold the same content, whatever their times', async () => {
    const first = await bundle();
    utimesSync(join(directory, 'src', 'word.ts'), new Date(), new Date(Date.now() + 5_000));
    const second = await bundle();

    expect([first.builds, second.builds]).toEqual([1, 0]);
    expect(second.file).toBe(first.file);
    expect(await run(first.file)).toBe('one');
  });

  it('are built anew when an imported file changes', async () => {
    await bundle();
    writeFileSync(join(directory, 'src', 'word.ts'), "export const word: string = 'two';\n");
    const second = await bundle();

    expect(second.builds).toBe(1);
    expect(await run(second.file)).toBe('two');
  });

  it('are built anew when the options change', async () => {
    await bundle();

    expect((await bundle({ esbuild: { define: { WORD: '1' } } })).builds).toBe(1);
  });

  it('follow the format of serverless-esbuild', async () => {
    expect((await bundle({ esbuild: { format: 'cjs' } })).file.endsWith('.cjs')).toBe(true);
  });

  it('say which function has no source', async () => {
    await expect(bundle({ handler: 'src/absent.main' })).rejects.toMatchObject({
      code: 'BUNDLE_FAILED',
      message: expect.stringContaining('expected a source file for handler src/absent.main'),
    });
  });

  it('say what does not compile, and leave nothing half made behind', async () => {
    writeFileSync(join(directory, 'src', 'word.ts'), 'export const word = (;');

    await expect(bundle()).rejects.toMatchObject({
      code: 'BUNDLE_FAILED',
      message: expect.stringContaining('word.ts'),
    });

    expect(readdirSync(join(directory, '.esbuild', 'darkroom')).filter((name) => name !== 'manifest.json')).toEqual([]);
  });
});
