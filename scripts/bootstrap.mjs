// Installs the workspace when (and only when) what it was installed from has changed, and builds the page likewise.
// Runs on the host's Node (20 or later) before anything else, so it may import nothing but Node's own modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPage } from './build-page.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, 'node_modules', '.darkroom-bootstrap');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const manifests = () => {
  const members = ['packages', 'services', 'test/clients'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name, 'package.json')),
  );
  return [join(root, 'package.json'), join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...members];
};

const fingerprint = () => {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of manifests().filter(existsSync)) hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex');
};

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  process.stderr.write(`darkroom: expected Node 20 or later but received Node ${process.versions.node}\n`);
  process.exit(1);
}

const wanted = fingerprint();
const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
if (installed !== wanted) {
  process.stderr.write('darkroom: installing dependencies (once; about 30 s with an empty store)\n');
  const install = spawnSync(
    'npx',
    [
      '--yes',
      packageManager,
      'install',
      '--frozen-lockfile',
      '--prefer-offline',
      '--loglevel=warn',
      '--reporter=append-only',
    ],
    // stdout belongs to the command that follows (it may promise JSON and nothing else), so pnpm speaks on stderr.
    { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, CI: 'true' } },
  );
  if (install.error) {
    process.stderr.write(`darkroom: expected npx to start pnpm but received ${install.error.message}\n`);
    process.exit(1);
  }
  if (install.status !== 0) {
    process.stderr.write('darkroom: the dependencies could not be installed; the lines above say why\n');
    process.exit(install.status ?? 1);
  }
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, wanted);
}

buildPage(root);
