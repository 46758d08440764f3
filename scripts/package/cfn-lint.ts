import { spawnSync } from 'node:child_process';

/** Seven templates take cfn-lint about 10 s; it downloads nothing. */
const TIME_LIMIT_MS = 120_000;
/** Exit code of cfn-lint with `--non-zero-exit-code error`: 2 when there are errors; 126 and 127 come from shims without a tool. */
const HAS_ERRORS = 2;

/**
 * Asks the real cfn-lint for errors in templates, given by path. It is Python and no part of the repo: `found` is false where it is not
 * installed, and nothing is wrong then.
 */
export const runCfnLint = (files: readonly string[]): { found: boolean; complaints: string[] } => {
  if (files.length === 0) return { found: false, complaints: [] };
  const lint = spawnSync('cfn-lint', ['--non-zero-exit-code', 'error', '--ignore-checks', 'W', '--', ...files], {
    encoding: 'utf8',
    timeout: TIME_LIMIT_MS,
  });
  if (lint.error !== undefined || (lint.status !== 0 && lint.status !== HAS_ERRORS))
    return { found: false, complaints: [] };
  return { found: true, complaints: lint.status === HAS_ERRORS ? [`cfn-lint:\n${lint.stdout}`] : [] };
};
