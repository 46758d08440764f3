import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profiles } from '../link/profiles.ts';
import type { ClientName } from './clients.ts';
import { makeFile } from './files.ts';
import { createLane } from './lane.ts';
import type { BenchFile } from './protocol.ts';
import { type Servers, startServers } from './servers.ts';

let dir: string;
let servers: Servers;
let file: BenchFile;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'darkroom-lane-'));
  servers = await startServers(dir);
  file = await makeFile(dir, 300_000);
});
afterAll(async () => {
  await servers.stop();
  await rm(dir, { recursive: true });
});

const laneOf = (client: ClientName, changes: object = {}) =>
  createLane({
    socketPath: join(dir, `${client}.sock`),
    client,
    endpoints: servers.endpoints,
    profile: { ...profiles.good4g, ...changes },
    pace: 2,
    warmUp: file,
  });

describe('a client in a lane', () => {
  it.each(['darkroom', 'plainPut', 'tus256k', 'uppy'] as const)(
    '%s sends a file over the link, and it is stored byte by byte',
    async (client) => {
      const lane = await laneOf(client);
      const transfer = await lane.send(file, 'seed');
      await lane.close();

      expect(transfer).toMatchObject({ failure: null, counters: { resets: 0, silenced: 0 } });
      if (transfer.stored === null) throw new Error('expected a stored file');
      await servers.check(transfer.stored, file);
      // Every byte of the file and some headers crossed the link, at no more than its rate.
      expect(transfer.counters.upBytes).toBeGreaterThan(file.size);
      expect(transfer.seconds).toBeGreaterThan(file.size / profiles.good4g.up);
    },
  );

  it('is told when what is stored is not the file', async () => {
    const lane = await laneOf('plainPut');
    const { stored } = await lane.send(file, 'seed');
    await lane.close();
    if (stored === null) throw new Error('expected a stored file');

    await expect(servers.check(stored, { ...file, sha256: '0'.repeat(64) })).rejects.toThrow('expected the bytes of');
  });

  it('counts as not complete when its time is over, and the next file gets a process of its own', async () => {
    const lane = await createLane({
      socketPath: join(dir, 'slow.sock'),
      client: 'plainPut',
      endpoints: servers.endpoints,
      profile: { ...profiles.good4g, up: 25 },
      pace: 300,
      warmUp: file,
    });
    const [first, second] = [
      await lane.send({ ...file, size: 300 }, 'a'),
      await lane.send({ ...file, size: 300 }, 'b'),
    ];
    await lane.close();

    for (const transfer of [first, second])
      expect(transfer).toMatchObject({ stored: null, seconds: 300, failure: 'time is over' });
  });
});
