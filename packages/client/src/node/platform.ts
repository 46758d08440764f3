import { createHash } from 'node:crypto';
import type { NetworkHints } from '../contract.ts';
import type { Ports } from '../core/ports.ts';

/** Nobody tells Node about the network: it is taken to be there, and measured. */
export const unknownNetwork: NetworkHints = {
  online: () => true,
  effectiveType: () => null,
  saveData: () => false,
  subscribe: () => () => undefined,
};

/** OpenSSL's SHA-256. */
export const nodeHashes: Pick<Ports, 'digest' | 'hashStream'> = {
  digest: (bytes) => Promise.resolve(createHash('sha256').update(bytes).digest('hex')),
  hashStream: () => {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
  },
};
