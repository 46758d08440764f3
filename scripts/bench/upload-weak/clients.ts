/** Kilobytes of a tus chunk; null: one PATCH for the whole file. */
const tus = (chunkBytes: number | null) => ({ module: 'tus', options: { chunkBytes } }) as const;

/**
 * The clients and how they are set up. Of a peer with several ways to be set up, the best counts.
 * tus: its documentation asks for `chunkSize: Infinity` unless a server limits bodies, so that is in; smaller chunks lose less to a server that
 * keeps whole chunks only, so 256 KiB and 1 MiB are in as well.
 * Uppy: `shouldUseMultipart` is false up to 100 MB by default, and true keeps parts of 5 MiB that need not be sent again.
 */
export const clients = {
  darkroom: { module: 'darkroom', options: {} },
  plainPut: { module: 'plain', options: {} },
  tus: tus(null),
  tus1m: tus(1_048_576),
  tus256k: tus(262_144),
  uppy: { module: 'uppy', options: { multipart: false } },
  uppyMultipart: { module: 'uppy', options: { multipart: true } },
} as const;

export type ClientName = keyof typeof clients;
export const clientNames = Object.keys(clients) as ClientName[];
