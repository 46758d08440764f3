/** What a client's process writes first on each connection: the connection's number and the port that its program asked for, 32 bits each. */
export interface Preamble {
  readonly id: number;
  readonly port: number;
}

export const PREAMBLE_BYTES = 8;

export const writePreamble = ({ id, port }: Preamble): Buffer => {
  const bytes = Buffer.alloc(PREAMBLE_BYTES);
  bytes.writeUInt32BE(id, 0);
  bytes.writeUInt32BE(port, 4);
  return bytes;
};

export const readPreamble = (bytes: Buffer): Preamble => ({ id: bytes.readUInt32BE(0), port: bytes.readUInt32BE(4) });

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

/** Message to a client's process: the link has taken so many bytes more of these connections. */
export interface TakenMessage {
  readonly taken: readonly (readonly [id: number, bytes: number])[];
}
