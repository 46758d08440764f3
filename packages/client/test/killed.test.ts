import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { UploadResult } from '../src/contract.ts';
import { type Cloud, startCloud } from './support/cloud.ts';
import { randomBytes } from './support/random.ts';
import { holds, offsetsOf, timesAsked, UNIT } from './support/upload.ts';

const CLIENT = fileURLToPath(new URL('../src/node/index.ts', import.meta.url));
/** A program that uploads one file and prints what came of it. */
const PROGRAM = `
  const { createFileStore, createNodeUploader, fileSource } = await import(process.env.CLIENT);
  const network = { online: () => true, effectiveType: () => '3g', saveData: () => false, subscribe: () => () => undefined };
  const store = createFileStore(process.env.STORE);
  const uploader = createNodeUploader({ api: process.env.API, token: 't', store, network, prefer: 'chunks' });
  console.log(JSON.stringify(await uploader.add(await fileSource(process.env.FILE)).done));
  uploader.close();
`;

describe('a process that uploads and is killed in the middle', () => {
  let cloud: Cloud;
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    cloud = await startCloud();
    folder = await mkdtemp(join(tmpdir(), 'darkroom-killed-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (file: string) => {
    const env = { CLIENT, API: cloud.url, STORE: join(folder, 'store'), FILE: file };
    const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };

  it('leaves an upload that a second process ends, without sending again what is stored', async () => {
    const bytes = randomBytes(12 * UNIT + 99);
    const file = join(folder, 'a.jpg');
    await writeFile(file, bytes);
    const stuck = new Promise<void>((resolve) => {
      cloud.fault = ({ what, index }) => {
        if (what !== 'put' || timesAsked(cloud.asked.slice(0, index), 'put') < 5) return undefined;
        resolve();
        return { blackHole: true };
      };
    });
    const first = start(file);
    await stuck;
    first.kill('SIGKILL');
    await once(first, 'exit');
    const stored = new Set([...cloud.model.uploads.values()].flatMap(({ chunks }) => [...chunks.keys()]));
    const from = cloud.asked.length;
    cloud.fault = () => undefined;

    const result = JSON.parse(await text(start(file).stdout)) as UploadResult;

    expect(result.resumed).toBe(true);
    expect(holds(cloud, result.imageId, bytes)).toBe(true);
    expect(stored.size).toBeGreaterThan(0);
    expect(offsetsOf(cloud.asked.slice(from)).filter((offset) => stored.has(offset))).toEqual([]);
    expect(cloud.model.uploads.size).toBe(1);
  });
});
