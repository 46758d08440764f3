import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing, and checks that files can be made in it. Throws what the file system
 * says. Step by step, because Node's own recursive mkdir never returns for a folder under /proc.
 */
export const makeDataDir = (dir: string): void => {
  if (!existsSync(dir)) {
    makeDataDir(dirname(dir));
    mkdirSync(dir);
  }
  accessSync(dir, constants.W_OK | constants.X_OK);
};
