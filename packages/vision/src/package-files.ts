import { existsSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';

/**
 * Path of a file inside an npm package, `name/path/in/package`, as Node would look for the package from here: in each
 * `node_modules` from this folder upwards. In Lambda that is the zip's own, and under `npm start` the service's. Not by
 * `require.resolve`, since the packages with the models do not export their files. Throws when no folder has it.
 */
export const packageFile = (path: string, from: string = import.meta.dirname): string => {
  const { root } = parse(from);
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', path);
    if (existsSync(file)) return file;
    if (folder === root) throw new Error(`expected the file ${path} in a node_modules above ${from} but received none`);
  }
};
