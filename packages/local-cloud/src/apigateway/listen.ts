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

/** Listens on loopback only. Resolves with the port. @throws CloudError PORT_IN_USE */
export async function listen(server: Server, { port, strict, what }: ListenOptions): Promise<number> {
  const last = strict || port === 0 ? port : Math.min(port + TRIES, 65_535);
  for (let candidate = port; candidate <= last; candidate += 1) {
    try {
      return await listenOnce(server, candidate);
    } catch (error) {
      if (!hasCode(error, 'EADDRINUSE')) throw error;
    }
  }
  throw new CloudError('PORT_IN_USE', `expected a free port for ${what} but received ${String(port)}, which is in use`);
}
