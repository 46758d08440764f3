// Loaded into a client's process before its code (`node --import`): connections to the endpoints cross the simulated link, and time runs at its
// pace. URLs, Host headers and so signatures stay as they are, and the client's code is as published.
import { Socket, type SocketConnectOpts } from 'node:net';
import process from 'node:process';
import { speedUp } from './clock.ts';
import { type HookMessage, type HookOptions, type LinkMessage, writePreamble } from './messages.ts';

type Written = (error?: Error | null) => void;
type Write = (this: Socket, ...args: [bytes: Buffer, encoding: 'buffer', written: Written]) => void;

/** Writes are passed on in pieces of this size, so that "written" advances about as smoothly as on a socket with a small buffer. */
const PIECE_BYTES = 8192;

/** Takes a socket's writes only as far as the phone's send buffer has room: what the link has not taken fills it. */
const createSendBuffer = (socket: Socket, limit: number, first: Buffer) => {
  const writeNow = Reflect.get(Socket.prototype, '_write') as unknown as Write;
  let held: { bytes: Buffer; written: Written } | undefined;
  let filled = 0;
  let isConnected = false;

  const pass = (): void => {
    while (isConnected && held !== undefined && filled < limit && !socket.destroyed) {
      const { bytes, written } = held;
      const piece = bytes.subarray(0, Math.min(PIECE_BYTES, limit - filled));
      filled += piece.length;
      held = piece.length < bytes.length ? { bytes: bytes.subarray(piece.length), written } : undefined;
      writeNow.call(socket, piece, 'buffer', held === undefined ? written : () => undefined);
    }
  };
  const hold = (bytes: Buffer, written: Written): void => {
    held = { bytes, written };
    pass();
  };
  socket.once('connect', () => {
    writeNow.call(socket, first, 'buffer', () => undefined);
    isConnected = true;
    pass();
  });
  Object.assign(socket, {
    _write: (chunk: Buffer | string, encoding: BufferEncoding, written: Written) =>
      hold(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk, written),
    _writev: (chunks: readonly { chunk: Buffer | string; encoding: BufferEncoding }[], written: Written) =>
      hold(
        Buffer.concat(
          chunks.map(({ chunk, encoding }) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)),
        ),
        written,
      ),
  });
  return {
    onTaken: (bytes: number): void => {
      filled -= bytes;
      pass();
    },
  };
};

/** `net.connect` hands its normalised arguments on as one array; `socket.connect(options)` comes as it is. */
const optionsOf = (args: readonly unknown[]): Partial<SocketConnectOpts & { port: number }> | undefined => {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0];
  return typeof first === 'object' && first !== null ? first : undefined;
};

/** A connection of this process over the link. */
interface Dialled {
  readonly onOpened: () => void;
  readonly onRefused: () => void;
  readonly onTaken: (bytes: number) => void;
}

/** Any time will do. */
const ALIVE_MS = 60_000;

const connectNow = Reflect.get(Socket.prototype, 'connect') as (...args: unknown[]) => Socket;

/** Waits for the link's word that the handshake is over, then connects the socket to the link instead of the port. */
const dial = (socket: Socket, args: unknown[], { id, options }: { id: number; options: HookOptions }): Dialled => {
  const buffer = createSendBuffer(socket, options.sendBufferBytes, writePreamble(id));
  Object.assign(socket, { connecting: true });
  // A socket that connects keeps its process alive; this one has nothing yet that would.
  const alive = setInterval(() => undefined, ALIVE_MS);
  socket.once('close', () => clearInterval(alive));
  return {
    ...buffer,
    onOpened: () => {
      clearInterval(alive);
      if (socket.destroyed) return;
      const instead = { path: options.socketPath };
      if (Array.isArray(args[0])) args[0][0] = instead;
      else args[0] = instead;
      connectNow.apply(socket, args);
    },
    onRefused: () => {
      if (!socket.connecting) return;
      socket.destroy(Object.assign(new Error('connect ECONNRESET'), { code: 'ECONNRESET', syscall: 'connect' }));
    },
  };
};

const tell = (message: HookMessage): void => {
  if (process.connected) process.send?.(message);
};

const redirect = (options: HookOptions): void => {
  const behind = new Set(options.ports);
  const dialled = new Map<number, Dialled>();
  let ids = 0;
  const replaced = function (this: Socket, ...args: unknown[]): Socket {
    const port = Number(optionsOf(args)?.port);
    if (!behind.has(port)) return connectNow.apply(this, args);
    const id = ++ids;
    dialled.set(id, dial(this, args, { id, options }));
    this.once('close', () => {
      dialled.delete(id);
      tell({ hangUp: id });
    });
    tell({ dial: { id, port } });
    return this;
  };
  Object.assign(Socket.prototype, { connect: replaced });
  process.on('message', (message: LinkMessage) => {
    if ('opened' in message) dialled.get(message.opened)?.onOpened();
    else if ('refused' in message) dialled.get(message.refused)?.onRefused();
    else if ('taken' in message) for (const [id, bytes] of message.taken) dialled.get(id)?.onTaken(bytes);
  });
  // Listening for what the link takes is no reason to live on.
  process.channel?.unref();
};

const text = process.env['BENCH_LINK'];
if (text === undefined) throw new Error('expected options for BENCH_LINK but received none');
const options = JSON.parse(text) as HookOptions;
redirect(options);
speedUp(options.pace);
