import type { ResumeRecord, ResumeStore } from '../contract.ts';

/** What is used of IndexedDB. */
interface Request<T> {
  readonly result: T;
  readonly error: Error | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface ObjectStore {
  readonly get: (key: string) => Request<ResumeRecord | undefined>;
  readonly getAll: () => Request<ResumeRecord[]>;
  readonly put: (value: ResumeRecord) => Request<unknown>;
  readonly delete: (key: string) => Request<undefined>;
}
interface Transaction {
  readonly objectStore: (name: string) => ObjectStore;
  readonly error: Error | null;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}
interface Database {
  readonly createObjectStore: (name: string, options: { readonly keyPath: string }) => unknown;
  readonly transaction: (name: string, mode: 'readonly' | 'readwrite') => Transaction;
  readonly close: () => void;
}
interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null;
  onblocked: (() => void) | null;
}
export interface IndexedDb {
  readonly open: (name: string, version: number) => OpenRequest;
}

const DATABASE = 'darkroom-uploads';
const STORE = 'uploads';

const settled = <T>(request: Request<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('expected IndexedDB to answer but it failed'));
  });

/**
 * Remembers uploads, and the files themselves, in IndexedDB: a reloaded page goes on without asking for the file again.
 * Null where there is no IndexedDB. It is opened for each call: a private window may take it away at any time.
 */
export const createIndexedDbStore = (
  factory: IndexedDb | undefined = (globalThis as unknown as { indexedDB?: IndexedDb }).indexedDB,
): ResumeStore | null => {
  if (factory === undefined) return null;
  const open = (): Promise<Database> => {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'fingerprint' });
    return settled(request);
  };
  const inStore = async <T>(mode: 'readonly' | 'readwrite', use: (store: ObjectStore) => Request<T>): Promise<T> => {
    const database = await open();
    try {
      const transaction = database.transaction(STORE, mode);
      // Only a complete transaction is on disk; the request's success comes before.
      const complete = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () =>
          reject(transaction.error ?? new Error('expected IndexedDB to keep it but it did not'));
      });
      const [result] = await Promise.all([settled(use(transaction.objectStore(STORE))), complete]);
      return result;
    } finally {
      database.close();
    }
  };
  return {
    get: (fingerprint) => inStore('readonly', (store) => store.get(fingerprint)),
    list: () => inStore('readonly', (store) => store.getAll()),
    put: async (record) => {
      await inStore('readwrite', (store) => store.put(record));
    },
    remove: async (fingerprint) => {
      await inStore('readwrite', (store) => store.delete(fingerprint));
    },
  };
};
