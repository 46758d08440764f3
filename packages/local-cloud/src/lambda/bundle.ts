import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { messageOf } from '../admin/errors.ts';
import type { Log } from '../service.ts';
import { dictOf, listOf, textOf, type Dict } from '../stack/values.ts';
import { readValidManifest, stampInputs, writeManifest, type BundleManifest } from './bundle-cache.ts';
import type { FunctionSpec } from './spec.ts';

/** Where a function's code lies, ready to be imported. */
export interface Bundle {
  readonly file: string;
  readonly exportName: string;
  /** Folder for V8's compile cache; shared by the functions of a service. */
  readonly compileCache: string;
}

/** The handler's source is missing or does not compile. */
export class BundleError extends Error {
  readonly code = 'BUNDLE_FAILED';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'BundleError';
  }
}

/** Raised when the way bundles are made changes, so that old ones are not used. */
const FORMAT_VERSION = 1;

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/** Native modules: resolved from the service's own node_modules at run time. */
const NATIVE = ['sharp', '@img/*'];

/** Parts of the Lambda runtime that a service leaves out of its zip; there is no such runtime here, so they are bundled. */
const IN_LAMBDA_RUNTIME = /^@(aws-sdk|smithy)\//;

/** Options of serverless-esbuild that change what code does; the others are about packaging. */
const PASSED_OPTIONS = [
  'define',
  'loader',
  'inject',
  'conditions',
  'mainFields',
  'alias',
  'keepNames',
  'legalComments',
  'treeShaking',
];

const REQUIRE_BANNER =
  "import { createRequire as __darkroomRequire } from 'node:module'; const require = __darkroomRequire(import.meta.url);";

interface Entry {
  /** `src/functions/x/handler` */
  readonly module: string;
  readonly source: string;
}

function splitHandler(handler: string): { module: string; exportName: string } {
  const slash = handler.lastIndexOf('/');
  const dot = handler.indexOf('.', slash + 1);
  return { module: handler.slice(0, dot), exportName: handler.slice(dot + 1) };
}

function entryOf(spec: FunctionSpec): Entry {
  const { module } = splitHandler(spec.handler);
  for (const extension of EXTENSIONS) {
    const source = resolve(spec.directory, `${module}${extension}`);
    if (existsSync(source)) return { module, source };
  }
  throw new BundleError(
    `expected a source file for handler ${spec.handler} of function ${spec.name} in ${spec.directory} but found none`,
  );
}

function bannerOf(esbuild: Dict, format: string): string {
  const own = textOf(dictOf(esbuild.banner).js) ?? '';
  const definesRequire = /\brequire\s*=|createRequire as require\b/.test(own);
  return format === 'esm' && !definesRequire ? `${REQUIRE_BANNER}${own}` : own;
}

function optionsOf(esbuild: Dict): BuildOptions & { format: 'esm' | 'cjs' } {
  const external = [...listOf(esbuild.external), ...listOf(esbuild.exclude)].map(String);
  const passed = Object.fromEntries(
    PASSED_OPTIONS.flatMap((name) => (esbuild[name] === undefined ? [] : [[name, esbuild[name]]])),
  );
  const format = esbuild.format === 'cjs' ? 'cjs' : 'esm';
  return {
    mainFields: ['module', 'main'],
    ...passed,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format,
    sourcemap: true,
    sourcesContent: false,
    external: [...new Set([...NATIVE, ...external.filter((name) => !IN_LAMBDA_RUNTIME.test(name) && name !== '*')])],
    banner: { js: bannerOf(esbuild, format) },
    outExtension: { '.js': format === 'esm' ? '.mjs' : '.cjs' },
    logLevel: 'silent',
    metafile: true,
  };
}

type Builder = typeof build;

async function build(
  directory: string,
  cache: string,
  plan: { key: string; entries: readonly Entry[]; options: BuildOptions },
): Promise<BundleManifest> {
  // Loaded only here: a warm start never pays for it.
  const esbuild = await import('esbuild');
  const temporary = join(cache, `tmp-${randomBytes(6).toString('hex')}`);
  try {
    const result = await esbuild.build({
      ...plan.options,
      absWorkingDir: directory,
      entryPoints: plan.entries.map(({ module, source }) => ({ in: source, out: module })),
      outdir: temporary,
    });
    const paths = Object.keys(result.metafile?.inputs ?? {}).map((path) => resolve(directory, path));
    const name = `build-${plan.key.slice(0, 8)}-${randomBytes(4).toString('hex')}`;
    renameSync(temporary, join(cache, name));
    return { key: plan.key, build: name, ...stampInputs(paths.filter((path) => existsSync(path))) };
  } catch (cause) {
    throw new BundleError(`expected the functions in ${directory} to compile but esbuild said: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function bundleService(
  directory: string,
  specs: readonly FunctionSpec[],
  { log, builder }: { log: Log; builder: Builder },
): Promise<Map<string, Bundle>> {
  const cache = join(directory, '.esbuild', 'darkroom');
  const entries = [...new Map(specs.map((spec) => [splitHandler(spec.handler).module, entryOf(spec)])).values()];
  const options = optionsOf(specs[0]?.esbuild ?? {});
  const identity = JSON.stringify([FORMAT_VERSION, process.versions.modules, directory, entries, options]);
  const key = createHash('sha256').update(identity).digest('hex').slice(0, 32);
  let manifest = readValidManifest(cache, key);
  if (!manifest) {
    const started = performance.now();
    mkdirSync(cache, { recursive: true });
    manifest = await builder(directory, cache, { key, entries, options });
    writeManifest(cache, manifest);
    log('info', 'functions bundled', {
      directory,
      functions: specs.length,
      ms: Math.round(performance.now() - started),
    });
  }
  const folder = join(cache, manifest.build);
  const extension = options.format === 'esm' ? '.mjs' : '.cjs';
  return new Map(
    specs.map((spec) => {
      const { module, exportName } = splitHandler(spec.handler);
      return [
        spec.name,
        { file: join(folder, `${module}${extension}`), exportName, compileCache: join(cache, 'compile-cache') },
      ];
    }),
  );
}

/**
 * Bundles the functions of all services, each service in one build; those whose sources have not changed since an earlier run
 * cost a look at their files only. Bundles lie in `.esbuild/darkroom` of the service, where Node finds its native modules.
 * @throws BundleError
 */
export async function bundleFunctions(specs: readonly FunctionSpec[], log: Log): Promise<Map<string, Bundle>> {
  const services = Map.groupBy(specs, (spec) => spec.directory);
  const bundles = new Map<string, Bundle>();
  const built: string[] = [];
  const builder: Builder = (directory, cache, plan) => {
    built.push(directory);
    return build(directory, cache, plan);
  };
  try {
    for (const [directory, group] of services) {
      for (const [name, bundle] of await bundleService(directory, group, { log, builder })) bundles.set(name, bundle);
    }
  } finally {
    // Its helper process would keep 30 MB for nothing.
    if (built.length > 0) await (await import('esbuild')).stop();
  }
  return bundles;
}
