import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout this CLI belongs to. */
export const repoRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** The command itself, to start it again as a process of its own. */
export const binPath = join(repoRoot, 'packages', 'cli', 'bin', 'darkroom.mjs');

/** All services that make up the embedded system, in the order of their first deploy. */
export const serviceNames = [
  'validate',
  'variants',
  'serve-edge',
  'metadata',
  'pipeline',
  'upload',
  'monitoring',
] as const;

export const serviceDirs = (): string[] => serviceNames.map((name) => join(repoRoot, 'services', name));

/** Sample photographs that ship with the repository. */
export const samplesDir = join(repoRoot, 'packages', 'cli', 'samples');

/** The page as `scripts/build-page.mjs` builds it at set-up. */
export const pageDir = join(repoRoot, 'packages', 'web', 'dist');

export const defaultDataDir = join(repoRoot, '.darkroom');

/** A path as the user meant it: npm runs scripts in the package's folder and keeps the caller's in INIT_CWD. */
export const userPath = (path: string): string => {
  if (path.startsWith('~/')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
};
