import { existsSync, readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StackError } from './errors.ts';
import { isDict } from './values.ts';
import { parseYaml } from './yaml.ts';

const SCRIPT = new Set(['.cjs', '.js', '.mjs', '.ts']);

function callIfFunction(value: unknown, options: Record<string, string>): unknown {
  if (typeof value !== 'function') return value;
  // The argument Serverless hands to such functions; variables are resolved before the call, so the two lookups are absent.
  return (value as (argument: { options: Record<string, string> }) => unknown)({ options });
}

async function readScript(path: string, key: string | undefined, options: Record<string, string>): Promise<unknown> {
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const exported = module.default ?? module;
  const value = await callIfFunction(exported, options);
  if (key === undefined || !isDict(value) || typeof value[key] !== 'function') return value;
  return { ...value, [key]: await callIfFunction(value[key], options) };
}

/**
 * Content of a file named by `${file(path):key}`: YAML and JSON parsed, scripts imported (an exported function is called
 * and awaited), anything else as text. Undefined when the file does not exist, so that a fallback applies.
 * @throws StackError STACK_FILE_INVALID when the file cannot be parsed or its script throws
 */
export async function readConfigFile(
  directory: string,
  file: string,
  call: { key: string | undefined; options: Record<string, string> },
): Promise<unknown> {
  const path = resolve(directory, file);
  if (!existsSync(path)) return undefined;
  const extension = extname(path);
  if (SCRIPT.has(extension)) {
    try {
      return await readScript(path, call.key, call.options);
    } catch (cause) {
      throw new StackError(
        'STACK_FILE_INVALID',
        `expected ${path} to load as a configuration script but it threw: ${String(cause)}`,
        { cause },
      );
    }
  }
  const text = readFileSync(path, 'utf8');
  if (extension === '.yml' || extension === '.yaml' || extension === '.json') return parseYaml(text, path);
  return text.replace(/\n$/, '');
}
