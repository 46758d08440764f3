import { connect, type Socket } from 'node:net';
import type { Link } from './link.ts';

/** A server's answer is read no further ahead of the link than this, in bytes. */
const MAX_AHEAD_BYTES = 65_536;

export interface CrossingOptions {
  readonly link: Link;
  /** Port of 127.0.0.1 that the client asked for. */
  readonly port: number;
  readonly onTaken: (bytes: number) => void;
  /** TCP's handshake is over, as the client sees it. */
  readonly onConnected: () => void;
  /** It died before the client's socket was there. */
  readonly onRefused: () => void;
}

/** A connection from a client over the link to a server. */
export interface Crossing {
  /** The client's end of it. */
  readonly attach: (socket: Socket) => void;
  /** Ends both sockets without a word. */
  readonly destroy: () => void;
  /** The client has lost interest before its socket was there. */
  readonly hangUp: () => void;
}

export const createCrossing = ({ link, port, onTaken, onConnected, onRefused }: CrossingOptions): Crossing => {
  let client: Socket | undefined;
  let server: Socket | undefined;
  /** Bytes of answers that wait for the link. */
  let ahead = 0;

  const openServer = (): Socket => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    socket.on('data', (bytes: Buffer) => {
      ahead += bytes.length;
      if (ahead >= MAX_AHEAD_BYTES) socket.pause();
      connection.fromServer(bytes);
    });
    socket.on('end', () => connection.endFromServer());
    socket.on('error', () => connection.close(() => client?.destroy()));
    return socket;
  };
  const connection = link.connect({
    onTaken,
    onServerTaken: (bytes) => {
      ahead -= bytes;
      if (ahead < MAX_AHEAD_BYTES) server?.resume();
    },
    onConnected,
    onOpen: () => {
      server = openServer();
    },
    toServer: (bytes) => server?.write(bytes),
    toClient: (bytes) => client?.write(bytes),
    endToServer: () => server?.end(),
    endToClient: () => client?.end(),
    onReset: () => {
      if (client === undefined) onRefused();
      client?.destroy();
      // A reset and not an end: the server must not take what it has for the whole.
      server?.resetAndDestroy();
    },
  });
  const hangUp = (): void => connection.close(() => server?.destroy());

  return {
    attach: (socket) => {
      client = socket;
      socket.on('data', (bytes: Buffer) => connection.fromClient(bytes));
      socket.on('end', () => connection.endFromClient());
      socket.on('error', hangUp);
      socket.on('close', hangUp);
    },
    destroy: () => {
      client?.destroy();
      server?.destroy();
    },
    hangUp,
  };
};
