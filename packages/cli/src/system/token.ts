import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signToken } from '@darkroom/runtime/tokens';

/** Life of the embedded system's own access token, in seconds: a working week, so that a page left open keeps working. */
const TOKEN_SECONDS = 7 * 86_400;

/** The embedded system's token secret: 32 random bytes, made on first start and kept in the data folder. */
export const localTokenSecret = (dataDir: string): string => {
  const path = join(dataDir, 'token-secret');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const secret = randomBytes(32).toString('hex');
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return secret;
};

/** An access token for every scope. */
export const mintToken = (secret: string, options: { tenant: string; owner: string | null; now: number }): string =>
  signToken(
    {
      typ: 'access',
      tenant: options.tenant,
      owner: options.owner,
      scopes: ['upload', 'read', 'delete', 'review'],
      exp: Math.floor(options.now / 1000) + TOKEN_SECONDS,
    },
    secret,
  );
