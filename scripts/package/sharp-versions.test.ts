import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from './json.ts';
import { isObject, text } from './json.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const readManifest = (...path: string[]): JsonObject =>
  JSON.parse(readFileSync(join(root, ...path, 'package.json'), 'utf8')) as JsonObject;

const services = readdirSync(join(root, 'services')).filter((name) =>
  existsSync(join(root, 'services', name, 'package.json')),
);
const decoders = services.filter((name) => text(readManifest('services', name), 'dependencies', 'sharp') !== '');

describe('the packages that sharp needs on Lambda', () => {
  const sharp = readManifest('node_modules', 'sharp');

  it('are looked at in the services that decode', () => {
    expect(decoders).toEqual(expect.arrayContaining(['metadata', 'variants']));
  });

  // A binary of another version loads or crashes as it pleases; pnpm cannot see that they belong together.
  it.each(decoders)('have the versions in services/%s that sharp asks for', (service) => {
    const own = readManifest('services', service);
    const asked = sharp['optionalDependencies'];
    if (!isObject(asked)) throw new Error("expected optionalDependencies in sharp's package.json but received none");

    for (const name of ['@img/sharp-linux-arm64', '@img/sharp-libvips-linux-arm64']) {
      expect([name, text(own, 'optionalDependencies', name)]).toEqual([name, asked[name]]);
    }
  });

  it.each(decoders)('include the run-time dependencies of sharp in services/%s', (service) => {
    const own = readManifest('services', service);
    const needed = sharp['dependencies'];

    expect(Object.keys(isObject(own['dependencies']) ? own['dependencies'] : {})).toEqual(
      expect.arrayContaining(Object.keys(isObject(needed) ? needed : {})),
    );
  });
});
