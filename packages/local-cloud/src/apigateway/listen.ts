import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudError, hasCode } from '../admin/errors.ts';

export interface ListenOptions {
  /** 0 means any free port. */
  readonly port: number;
  /** True: the port or an error. False: the next free port after it. */
  readonly strict: boolean;
  /** Named in the error, such as `the API`. */
  readonly what: string;
}

/** How many ports after the asked one are tried. */
const TRIES = 50;

const LOOPBACK = '127.0.0.1';

function listenOnce(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      server.off('listening', done);
      reject(error);
    };
    const done = (): void => {
      server.off('error', failed);
      resolve((server.address() as AddressInfo).port);
    };
    server.once('error', failed);
    server.once('listening', done);
    server.listen(port, LOOPBACK);
  });
}

/**
 * Ports to try, in order. Port 0 is tried again, too: Linux may hand one free port to two processes at once (both set
 * SO_REUSEADDR), and the one that listens second is told that it is in use.
 */
export function candidates(port: number, strict: boolean): readonly number[] {
  if (port === 0) return Array.from({ length: TRIES }, () => 0);
  if (strict) return [port];
  return Array.from({ length: Math.min(TRIES, 65_535 - port) + 1 }, (_, index) => port + index);
}

/** Listens on loopback only. Resolves with the port. @throws CloudError PORT_IN_USE */
export async function listen(server: Server, { port, strict, what }: ListenOptions): Promise<number> {
  for (const candidate of candidates(port, strict)) {
    try {
      return await listenOnce(server, candidate);
    } catch (error) {
      if (!hasCode(error, 'EADDRINUSE')) throw error;
    }
  }
  throw new CloudError('PORT_IN_USE', `expected a free port for ${what} but received ${String(port)}, which is in use`);
}
