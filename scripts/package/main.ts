// `npm run package [-- SERVICE…]`: packages every service as for production and judges what came out.
// Leaves templates and zips in services/*/.serverless. Exit code 1 when anything is wrong, with one sentence each.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Artifact } from './artifact.ts';
import { checkArtifact, inspect } from './artifact.ts';
import { runCfnLint } from './cfn-lint.ts';
import type { JsonObject } from './json.ts';
import type { Compose } from './parameter-rules.ts';
import { checkTemplates, checkTogether } from './rules.ts';
import { listServices, outputOf, packageService, templateFile } from './sls.ts';
import { renderTable } from './table.ts';
import type { ServiceTemplate } from './template.ts';
import { readZip } from './zip.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** Two cores is what CI has; more at once only takes more memory. */
const AT_ONCE = 2;

interface Packaged {
  readonly service: string;
  readonly complaints: readonly string[];
  readonly artifacts: readonly Artifact[];
  readonly template?: ServiceTemplate;
}

const readArtifacts = (service: string, folder: string): Artifact[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.zip'))
    .map((file) => {
      const zip = readFileSync(join(folder, file));
      return inspect({ service, name: file.slice(0, -'.zip'.length), bytes: zip.length, entries: readZip(zip) });
    });

const packageOne = async (service: string): Promise<Packaged> => {
  const folder = outputOf(root, service);
  rmSync(folder, { recursive: true, force: true });
  const { ok, output, seconds } = await packageService(root, service);
  process.stderr.write(`${ok ? 'packaged' : 'FAILED  '} ${service} in ${seconds.toFixed(1)} s\n`);
  if (!ok) return { service, complaints: [`${service}: sls package failed:\n${output}`], artifacts: [] };
  const file = readFileSync(templateFile(root, service), 'utf8');
  const artifacts = readArtifacts(service, folder);
  const template = { service, template: JSON.parse(file) as JsonObject };
  return { service, complaints: artifacts.flatMap(checkArtifact), artifacts, template };
};

const packageAll = async (services: readonly string[]): Promise<Packaged[]> => {
  const left = [...services];
  const done: Packaged[] = [];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) done.push(await packageOne(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return done.sort((a, b) => a.service.localeCompare(b.service));
};

const readCompose = (): Compose => parse(readFileSync(join(root, 'serverless-compose.yml'), 'utf8')) as Compose;

const report = (artifacts: readonly Artifact[]): string =>
  renderTable(
    ['service', 'function', 'MB', 'sharp'],
    artifacts.map(({ service, name, bytes, sharpArch }) => [
      service,
      name,
      (bytes / 1e6).toFixed(2),
      sharpArch.join(' '),
    ]),
  );

const known = listServices(root);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`expected services among ${known.join(', ')} but received ${unknown.join(', ')}\n`);
  process.exit(2);
}

const results = await packageAll(asked.length > 0 ? asked : known);
process.stdout.write(`${report(results.flatMap(({ artifacts }) => artifacts))}\n`);
const templates = results.flatMap(({ template }) => template ?? []);
const cfnLint = runCfnLint(templates.map(({ service }) => templateFile(root, service)));
const complaints = [
  ...results.flatMap((result) => result.complaints),
  ...checkTemplates(templates),
  // Only all services together can show that they find each other.
  ...(templates.length === known.length ? checkTogether(templates, readCompose()) : []),
  ...cfnLint.complaints,
];
for (const complaint of complaints) process.stdout.write(`✗ ${complaint}\n`);
process.stdout.write(
  `${results.length} services packaged, ${complaints.length} complaints${cfnLint.found ? '' : ' (cfn-lint is not installed here)'}\n`,
);
process.exitCode = complaints.length > 0 ? 1 : 0;
