import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { repoRoot } from '../../../packages/cli/src/paths.ts';

/** What is measured, and the function of which service it is the core of. HEIC's function takes a line here and a case in probe.ts. */
export const measured = {
  validateImage: { service: 'validate', function: 'validateImage' },
  extractMetadata: { service: 'metadata', function: 'extractMetadata' },
  'renderFamily thumbnail': { service: 'variants', function: 'renderFamily' },
  'renderFamily mobile': { service: 'variants', function: 'renderFamily' },
  'renderFamily web': { service: 'variants', function: 'renderFamily' },
} as const;
export type Measured = keyof typeof measured;
export const measuredNames = Object.keys(measured) as Measured[];

const functionsSchema = z.record(z.string(), z.object({ memorySize: z.int().positive().optional() }));

/** The `memorySize` of a function, in bytes, from the text of its service's functions.yml. Throws Error when it sets none. */
export const memorySizeIn = (yaml: string, name: string): number => {
  // CloudFormation's tags (!Sub, !GetAtt) mean nothing here and are no reason to warn.
  const megabytes = functionsSchema.parse(parse(yaml, { logLevel: 'error' }))[name]?.memorySize;
  if (megabytes === undefined) throw new Error(`expected a memorySize of ${name} in functions.yml but received none`);
  // Lambda's megabyte is 2^20 bytes.
  return megabytes * 1024 * 1024;
};

export const memorySizeOf = (name: Measured): number => {
  const { service, function: own } = measured[name];
  return memorySizeIn(readFileSync(join(repoRoot, 'services', service, 'functions.yml'), 'utf8'), own);
};
