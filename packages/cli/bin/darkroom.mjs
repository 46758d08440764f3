#!/usr/bin/env node
// Starts the CLI on the Node that the repository brings (24), whatever Node the shell has.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const [major] = process.versions.node.split('.').map(Number);
const ownNode = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));

if (major < 24 && existsSync(ownNode)) {
  const run = spawnSync(ownNode, process.argv.slice(1), { stdio: 'inherit' });
  process.exit(run.status ?? 1);
}

// node:sqlite and type stripping announce themselves as experimental on every start; nobody can act on that.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
});

// Compiling what a start imports takes a second on two slow cores; the next start reads it from here.
nodeModule.enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/node', import.meta.url)));

const { main } = await import('../src/main.ts');
await main(process.argv);
