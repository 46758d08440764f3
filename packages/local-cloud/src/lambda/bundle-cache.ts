import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Content hash, size and modification time (ms) of one source file; the hash is asked only when the other two differ. */
interface InputStamp {
  readonly hash: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface BundleManifest {
  /** Hash of everything but the inputs: options, entry points, versions. */
  readonly key: string;
  /** Folder of the build, relative to the cache. */
  readonly build: string;
  readonly inputs: Readonly<Record<string, InputStamp>>;
  /** Folders of installed packages whose content never changes under one name (pnpm's store links). */
  readonly packages: readonly string[];
}

/** Old builds stay a day: another running system may still start functions from them. */
const KEEP_OLD_BUILDS_MS = 86_400_000;

/** pnpm names a package's folder by its version, so its files need no check one by one. */
const STORE_FOLDER = /^(.*\/node_modules\/\.pnpm\/[^/]+)\//;

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 32);
}

function isUnchanged(path: string, stamp: InputStamp): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.size !== stamp.size) return false;
  return stat.mtimeMs === stamp.mtimeMs || hashOf(path) === stamp.hash;
}

/** Manifest of an earlier build with the same key whose inputs all still hold the same content; undefined when there is none. */
export function readValidManifest(cache: string, key: string): BundleManifest | undefined {
  const file = join(cache, 'manifest.json');
  if (!existsSync(file)) return undefined;
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as BundleManifest;
  if (manifest.key !== key || !existsSync(join(cache, manifest.build))) return undefined;
  const inputsHold = Object.entries(manifest.inputs).every(([path, stamp]) => isUnchanged(path, stamp));
  return inputsHold && manifest.packages.every((path) => existsSync(path)) ? manifest : undefined;
}

/** Stamps of all inputs of a build. @param paths absolute */
export function stampInputs(paths: readonly string[]): Pick<BundleManifest, 'inputs' | 'packages'> {
  const inputs: Record<string, InputStamp> = {};
  const packages = new Set<string>();
  for (const path of paths) {
    const store = STORE_FOLDER.exec(path)?.[1];
    if (store !== undefined) packages.add(store);
    else {
      const { size, mtimeMs } = statSync(path);
      inputs[path] = { hash: hashOf(path), size, mtimeMs };
    }
  }
  return { inputs, packages: [...packages] };
}

function removeOldBuilds(cache: string, current: string): void {
  for (const entry of readdirSync(cache, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === current || !entry.name.startsWith('build-')) continue;
    const path = join(cache, entry.name);
    if (Date.now() - statSync(path).mtimeMs > KEEP_OLD_BUILDS_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Writes the manifest in one step, so that a reader sees the old or the new one. */
export function writeManifest(cache: string, manifest: BundleManifest): void {
  mkdirSync(dirname(join(cache, manifest.build)), { recursive: true });
  const temporary = join(cache, `manifest.${String(process.pid)}.tmp`);
  writeFileSync(temporary, JSON.stringify(manifest));
  renameSync(temporary, join(cache, 'manifest.json'));
  removeOldBuilds(cache, manifest.build);
}
