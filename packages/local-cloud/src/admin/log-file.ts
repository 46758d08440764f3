import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Log } from '../service.ts';

/** The log of the system itself where the caller brings none: one JSON object a line in `logs/cloud.log`, without debug. */
export function logToFile(dataDir: string): Log {
  const folder = join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'cloud.log');
  return (level, message, fields) => {
    if (level === 'debug') return;
    const { cause, ...rest } = fields ?? {};
    const reason = cause === undefined ? {} : { cause: inspect(cause) };
    appendFileSync(file, `${JSON.stringify({ time: new Date().toISOString(), level, message, ...rest, ...reason })}\n`);
  };
}
