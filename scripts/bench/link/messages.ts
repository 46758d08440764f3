/** What the hook in a client's process must know; it travels as JSON in the environment variable `BENCH_LINK`. */
export interface HookOptions {
  /** Unix socket of the link. */
  readonly socketPath: string;
  /** Ports of 127.0.0.1 that lie behind the link. */
  readonly ports: readonly number[];
  /** How many times faster than the machine's clock the process lives. */
  readonly pace: number;
  /** Bytes that the phone's kernel takes from a program ahead of the link. */
  readonly sendBufferBytes: number;
}

/** From the hook: a program wants a connection, or is done with one that it has not got yet. `id` numbers the connections of a process. */
export type HookMessage =
  | { readonly dial: { readonly id: number; readonly port: number } }
  | { readonly hangUp: number };

/** To the hook. */
export type LinkMessage =
  /** TCP's handshake is over: connect to the link's socket, and write the preamble first. */
  | { readonly opened: number }
  /** The connection died before that. */
  | { readonly refused: number }
  /** The link has taken so many bytes more of these connections: so much room there is again in the send buffer. */
  | { readonly taken: readonly (readonly [id: number, bytes: number])[] };

export const isHookMessage = (message: object): message is HookMessage => 'dial' in message || 'hangUp' in message;

/** What the hook writes first on a socket: the number of its connection, 32 bits. */
export const PREAMBLE_BYTES = 4;

export const writePreamble = (id: number): Buffer => {
  const bytes = Buffer.alloc(PREAMBLE_BYTES);
  bytes.writeUInt32BE(id);
  return bytes;
};
