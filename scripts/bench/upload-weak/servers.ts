import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeleteObjectCommand, GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import type { BenchFile, Endpoints, StoredAt } from './protocol.ts';
import { s3Options } from './servers/s3-options.ts';

export interface Servers {
  readonly endpoints: Endpoints;
  /** Where originals are. */
  readonly bucket: string;
  /** Throws Error when what is stored is not this file; deletes it either way. */
  readonly check: (stored: StoredAt, file: BenchFile) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A function's idle process ends after a minute, and a cold start at many times the pace would look like seconds. */
const KEEP_WARM_MS = 15_000;
/** As many calls at once as lanes may make. */
const KEEP_WARM_CALLS = 3;

const start = async (script: string, args: readonly string[]): Promise<{ child: ChildProcess; answer: unknown }> => {
  const child = fork(fileURLToPath(new URL(`servers/${script}`, import.meta.url)), args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(() => {
    throw new Error(`expected ${script} to start but it ended`);
  });
  const [answer] = (await Promise.race([once(child, 'message'), died])) as [unknown];
  return { child, answer };
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
};

/** Calls every function that uploads need, with nothing to do: each answers 401 or 404. */
const keepWarm = async ({ api, token }: Endpoints): Promise<void> => {
  const image = `${api}/uploads/00000000000000000000000000`;
  const calls: [string, string][] = [
    ['POST', `${image}/sign`],
    ['POST', `${image}/complete`],
    ['GET', `${api}/u/${token}/s3/params`],
  ];
  const all = Array.from({ length: KEEP_WARM_CALLS }, () => calls).flat();
  await Promise.all(all.map(async ([method, url]) => (await fetch(url, { method })).arrayBuffer()));
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The embedded system, the peers' servers and what looks after them. */
export const startServers = async (dir: string): Promise<Servers> => {
  const tusDir = join(dir, 'tus');
  const system = await start('system.ts', [join(dir, 'system')]);
  const embedded = system.answer as Omit<Endpoints, 'peer'>;
  const s3 = new S3Client(s3Options(embedded.s3));
  const bucket = (await s3.send(new ListBucketsCommand({}))).Buckets?.find(({ Name }) =>
    Name?.includes('originals'),
  )?.Name;
  if (bucket === undefined) throw new Error('expected an originals bucket in the embedded system but found none');
  const peer = await start('peer.ts', [tusDir, embedded.s3, bucket]);
  const endpoints: Endpoints = { ...embedded, ...(peer.answer as Pick<Endpoints, 'peer'>) };
  const warm = setInterval(() => void keepWarm(endpoints).catch(() => undefined), KEEP_WARM_MS);
  await keepWarm(endpoints);

  const fetchStored = async (stored: StoredAt): Promise<Uint8Array | undefined> => {
    if (stored.kind === 'tus') return readFile(join(tusDir, stored.id));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: stored.key }));
    return Body?.transformToByteArray();
  };
  const remove = async (stored: StoredAt): Promise<void> => {
    if (stored.kind === 's3') await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: stored.key }));
    else await Promise.all(['', '.json'].map((end) => rm(join(tusDir, `${stored.id}${end}`), { force: true })));
  };

  return {
    endpoints,
    bucket,
    check: async (stored, file) => {
      const bytes = await fetchStored(stored);
      await remove(stored);
      if (bytes === undefined || sha256(bytes) !== file.sha256)
        throw new Error(`expected the bytes of ${file.name} in storage but received others`);
    },
    stop: async () => {
      clearInterval(warm);
      s3.destroy();
      await Promise.all([stop(system.child), stop(peer.child)]);
    },
  };
};
