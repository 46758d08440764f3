import { type Command, InvalidArgumentError } from 'commander';
import { defaultDataDir, userPath } from './paths.ts';

export interface SystemOptions {
  /** Folder that holds all state. */
  readonly data: string;
  readonly port?: number;
  readonly apiPort?: number;
  readonly cdnPort?: number;
  readonly json?: boolean;
}

const port = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new InvalidArgumentError(`expected a port from 0 to 65535 but received "${text}"`);
};

export const seconds = (text: string): number => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError(`expected a number of seconds above 0 but received "${text}"`);
};

export const count = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 256) return value;
  throw new InvalidArgumentError(`expected a whole number from 1 to 256 but received "${text}"`);
};

const dataOption = (command: Command): Command =>
  command.option('--data <dir>', 'folder that holds all state', userPath, defaultDataDir);

/** Options of every command that may start the system. A port that is named must be free; the defaults move to the next free one. */
export const systemOptions = (command: Command): Command =>
  dataOption(command)
    .option('--port <n>', 'port of the AWS endpoint (default: 4566 or the next free one)', port)
    .option('--api-port <n>', 'port of the REST API and the page (default: 4567 or the next free one)', port)
    .option('--cdn-port <n>', 'port of the CDN (default: 4568 or the next free one)', port);

export { dataOption };
