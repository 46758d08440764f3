import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Bench } from '../harness.ts';
import { type ProfileName, profiles } from '../link/profiles.ts';
import { measurements, ratios, type Sample } from './aggregate.ts';
import type { ClientName } from './clients.ts';
import { makeFile, photographs, SIZES } from './files.ts';
import { createLane, type Lane } from './lane.ts';
import { parseSelection, profilePlans, type Selection } from './plan.ts';
import type { BenchFile } from './protocol.ts';
import { type Servers, startServers } from './servers.ts';
import { measureSigning } from './sign.ts';

/** Bytes of the file that warms a client up. */
const WARM_UP_BYTES = 200_000;

interface Run {
  readonly dir: string;
  readonly servers: Servers;
  readonly files: readonly BenchFile[];
  readonly warmUp: BenchFile;
  readonly say: (line: string) => void;
}

interface Task {
  readonly profile: ProfileName;
  readonly client: ClientName;
  readonly round: number;
}

const sampleOf = async (run: Run, { profile, client, round, lane }: Task & { lane: Lane }, file: BenchFile) => {
  const transfer = await lane.send(file, `${profile}/${file.name}/${round}`);
  if (transfer.stored !== null) await run.servers.check(transfer.stored, file);
  const { upBytes, resets, silenced } = transfer.counters;
  run.say(
    `${profile} round ${round} ${client} ${file.name}: ${transfer.failure ?? 'complete'}, ${transfer.seconds.toFixed(1)} s, ` +
      `${(upBytes / file.size).toFixed(3)} bytes a byte, ${resets} resets, ${silenced} silences`,
  );
  const sample: Sample = {
    ...{ profile, client, round, file: file.name, size: file.size, upBytes },
    isComplete: transfer.stored !== null,
    seconds: transfer.seconds,
  };
  return sample;
};

/** One client sends all files over one profile. */
const runTask = async (run: Run, task: Task): Promise<Sample[]> => {
  const { profile, client, round } = task;
  const lane = await createLane({
    socketPath: join(run.dir, `${profile}-${client}-${round}.sock`),
    client,
    endpoints: run.servers.endpoints,
    profile: profiles[profile],
    pace: profilePlans[profile].pace,
    warmUp: run.warmUp,
  });
  try {
    const samples: Sample[] = [];
    for (const file of run.files) samples.push(await sampleOf(run, { ...task, lane }, file));
    return samples;
  } finally {
    await lane.close();
  }
};

/** Another order in each round, so that no client is always the last, when the machine falls idle. */
const rotated = <T>(items: readonly T[], by: number): T[] => {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
};

const runProfile = async (run: Run, profile: ProfileName, selection: Selection): Promise<Sample[]> => {
  const { rounds, lanes } = profilePlans[profile];
  const queue: Task[] = Array.from({ length: selection.rounds ?? rounds }, (_, round) =>
    rotated(selection.clients, 2 * round).map((client) => ({ profile, client, round })),
  ).flat();
  const samples: Sample[] = [];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let task = queue.shift(); task !== undefined; task = queue.shift())
        samples.push(...(await runTask(run, task)));
    }),
  );
  return samples;
};

/**
 * The same files over the same bad links by Darkroom's client and by its peers, each as published. `UPLOAD_WEAK` in the environment
 * chooses a part of it (see `parseSelection`).
 */
export const uploadWeak: Bench = async ({ images, say }) => {
  const selection = parseSelection(process.env['UPLOAD_WEAK'] ?? '');
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-weak-'));
  try {
    const filesDir = join(dir, 'files');
    await mkdir(filesDir);
    const all =
      images === undefined
        ? await Promise.all(SIZES.map((size) => makeFile(filesDir, size)))
        : await photographs(images);
    const files = all.filter((_, index) => selection.files?.includes(index) ?? true);
    const servers = await startServers(dir);
    const run: Run = { dir, servers, files, warmUp: await makeFile(filesDir, WARM_UP_BYTES), say };
    const samples: Sample[] = [];
    let signing: Awaited<ReturnType<typeof measureSigning>>;
    try {
      signing = await measureSigning(servers);
      for (const profile of selection.profiles) samples.push(...(await runProfile(run, profile, selection)));
    } finally {
      await servers.stop();
    }
    return {
      input: {
        files: files.length,
        megabytes: files.reduce((sum, { size }) => sum + size, 0) / 1e6,
        profiles: selection.profiles.join(' '),
        rounds: selection.profiles.map((name) => selection.rounds ?? profilePlans[name].rounds).join(' '),
      },
      results: [...measurements(samples), signing.result],
      ratios: { ...ratios(samples), ...signing.ratios },
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};
