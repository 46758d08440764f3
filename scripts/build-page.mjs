// Builds packages/web into packages/web/dist when (and only when) its sources have changed.
// Called by bootstrap.mjs on the host's Node (20 or later): imports nothing but Node's own modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What the page is made of. Its tools are pinned in the package.json. */
const SOURCES = ['web/index.html', 'web/package.json', 'web/vite.config.ts', 'web/public', 'web/src', 'client/src'];

/** Lies in dist, so that it comes and goes with what it tells of; hidden files are not served. */
const STAMP = '.sources';

const filesOf = (path) => {
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) return filesOf(inner);
    return entry.name.endsWith('.test.ts') ? [] : [inner];
  });
};

const fingerprint = (packages) => {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(packages, source);
    for (const file of /\.\w+$/.test(source) ? [path] : filesOf(path))
      hash.update(file.slice(packages.length)).update(readFileSync(file));
  }
  return hash.digest('hex');
};

const readStamp = (dist) => {
  const file = join(dist, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** Puts the new folder in the place of the old; a page that is being read sees the one or the other, but for an instant. */
const swap = (fresh, dist) => {
  const old = `${fresh}-old`;
  try {
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
  } catch (error) {
    // Another process swapped at the same moment: its build is as good as ours.
    if (!existsSync(join(dist, STAMP))) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
    rmSync(fresh, { recursive: true, force: true });
  }
};

const viteBuild = (root, outDir) => {
  const ownNode = join(root, 'node_modules', '.bin', 'node');
  const cwd = join(root, 'packages', 'web');
  const vite = join(cwd, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--outDir', outDir, '--emptyOutDir', '--configLoader', 'native', '--logLevel', 'warn'];
  // stdout belongs to the command that follows. Vite takes a NODE_ENV of test, which Jest sets, for a build in development mode.
  const env = { ...process.env, NODE_ENV: 'production' };
  return spawnSync(existsSync(ownNode) ? ownNode : process.execPath, args, { cwd, stdio: ['ignore', 2, 2], env });
};

/** Makes sure that packages/web/dist is what the sources say. A page that cannot be built stops nothing else, but is told. */
export const buildPage = (root) => {
  const packages = join(root, 'packages');
  const dist = join(packages, 'web', 'dist');
  const wanted = fingerprint(packages);
  if (readStamp(dist) === wanted) return;
  process.stderr.write('darkroom: building the page\n');
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'page-'));
  const build = viteBuild(root, fresh);
  if (build.status === 0) {
    // mkdtemp makes folders that only their owner may read; a web server may be someone else.
    chmodSync(fresh, 0o755);
    writeFileSync(join(fresh, STAMP), wanted);
    swap(fresh, dist);
    return;
  }
  rmSync(fresh, { recursive: true, force: true });
  const why = build.error === undefined ? 'the lines above say why' : build.error.message;
  process.stderr.write(`darkroom: the page could not be built (${why}); everything else works\n`);
};
