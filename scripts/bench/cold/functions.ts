import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from '../../package/artifact.ts';
import { at, isObject, type JsonObject, text } from '../../package/json.ts';
import { outputOf, templateFile } from '../../package/sls.ts';
import { literal, resourcesOf } from '../../package/template.ts';
import { readZip } from '../../package/zip.ts';

/** A packaged function, unpacked where it can be imported. */
export interface PackagedFunction {
  readonly service: string;
  readonly name: string;
  readonly zipBytes: number;
  readonly needsSharp: boolean;
  /** The handler's module. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** For a value that only exists once its resource does: configuration is checked at import, and nothing is called by it. */
const unknown = (name: string): string =>
  name.endsWith('ARN')
    ? 'arn:aws:sqs:eu-west-1:123456789012:none'
    : 'https://sqs.eu-west-1.amazonaws.com/123456789012/none';

const environmentOf = (properties: JsonObject): Record<string, string> => {
  const variables = at(properties, 'Environment', 'Variables');
  if (!isObject(variables)) return {};
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, literal(value) ?? unknown(name)]));
};

/** The zip that a function's code is uploaded as: the last part of its key. */
const zipOf = (properties: JsonObject): string =>
  literal(at(properties, 'Code', 'S3Key'))
    ?.split('/')
    .at(-1) ?? '';

const EXTENSIONS = ['.js', '.mjs', '.cjs'];

/**
 * The functions of a service that has been packaged. Their own files are unpacked below the service's folder, so that what a zip
 * leaves to Lambda (the AWS SDK) and what it holds for another processor (sharp) comes from the service's packages.
 */
export const packagedFunctions = (root: string, service: string): PackagedFunction[] => {
  const folder = outputOf(root, service);
  const template = JSON.parse(readFileSync(templateFile(root, service), 'utf8')) as JsonObject;
  const zips = new Set(readdirSync(folder));
  return resourcesOf({ service, template }, 'AWS::Lambda::Function').flatMap(({ properties }) => {
    const zip = zipOf(properties);
    if (!zips.has(zip)) return [];
    const bytes = readFileSync(join(folder, zip));
    const name = zip.slice(0, -'.zip'.length);
    const entries = readZip(bytes);
    const target = join(folder, 'cold', name);
    const own = entries.filter((entry) => !entry.name.startsWith('node_modules/') && !entry.name.endsWith('/'));
    for (const entry of own) {
      mkdirSync(dirname(join(target, entry.name)), { recursive: true });
      writeFileSync(join(target, entry.name), entry.read());
    }
    const module = text(properties, 'Handler').replace(/\.[^.]*$/, '');
    const entry = own.find((one) => EXTENSIONS.some((extension) => one.name === `${module}${extension}`));
    if (entry === undefined) throw new Error(`expected ${module} in ${zip} but it holds no such module`);
    return {
      service,
      name,
      zipBytes: bytes.length,
      needsSharp: inspect({ service, name, bytes: bytes.length, entries }).needsSharp,
      file: join(target, entry.name),
      environment: environmentOf(properties),
    };
  });
};
