import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { s3Error } from '../errors.ts';
import type { XmlNode } from '../http/xml.ts';

/** The documents that can be put on a bucket, as their XML reads; the policy is JSON text. */
export interface BucketConfig {
  readonly accelerate?: XmlNode;
  readonly acl?: XmlNode;
  readonly cors?: XmlNode;
  readonly encryption?: XmlNode;
  readonly lifecycle?: XmlNode;
  readonly logging?: XmlNode;
  readonly notification?: XmlNode;
  readonly ownershipControls?: XmlNode;
  readonly policy?: string;
  readonly publicAccessBlock?: XmlNode;
  readonly requestPayment?: XmlNode;
  readonly tagging?: XmlNode;
  readonly versioning?: XmlNode;
}

export interface Bucket {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly region: string;
  readonly config: BucketConfig;
}

type Row = Omit<Bucket, 'config'> & { config: string };

/** Buckets, all held in memory: a request never waits for a row to know its bucket. */
export class BucketTable {
  readonly #all = new Map<string, Bucket>();
  readonly #put: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare('INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM buckets WHERE name = ?');
    for (const row of db.prepare('SELECT * FROM buckets').all() as unknown as Row[]) {
      this.#all.set(row.name, { ...row, config: JSON.parse(row.config) as BucketConfig });
    }
  }

  find(name: string): Bucket | undefined {
    return this.#all.get(name);
  }

  /** @throws AwsError NoSuchBucket */
  require(name: string): Bucket {
    const bucket = this.#all.get(name);
    if (bucket) return bucket;
    throw s3Error('NoSuchBucket', { fields: { BucketName: name } });
  }

  list(): Bucket[] {
    return [...this.#all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  put(bucket: Bucket): void {
    this.#put.run(bucket.name, bucket.created, bucket.region, JSON.stringify(bucket.config));
    this.#all.set(bucket.name, bucket);
  }

  /** Sets or, by undefined, removes one document. */
  configure(name: string, change: { [K in keyof BucketConfig]: BucketConfig[K] | undefined }): void {
    const bucket = this.require(name);
    const entries = Object.entries({ ...bucket.config, ...change }).filter(([, value]) => value !== undefined);
    this.put({ ...bucket, config: Object.fromEntries(entries) });
  }

  remove(name: string): void {
    this.#remove.run(name);
    this.#all.delete(name);
  }
}
