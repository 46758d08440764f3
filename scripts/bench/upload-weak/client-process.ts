// One client in a process of its own, behind the link by `--import hook.ts`. Sends the files that its parent names, one after the other.
import process from 'node:process';
import { clients } from './clients.ts';
import type { ClientMessage, ClientSetup, CreateClient, SendMessage } from './protocol.ts';

const load = async ({ client }: ClientSetup): Promise<CreateClient> => {
  const setup = clients[client];
  switch (setup.module) {
    case 'darkroom':
      return (await import('./clients/darkroom.ts')).createClient;
    case 'plain':
      return (await import('./clients/plain.ts')).createClient;
    case 'tus':
      return (await import('./clients/tus.ts')).createClient(setup.options);
    case 'uppy':
      return (await import('./clients/uppy.ts')).createClient(setup.options);
  }
};

const tell = (message: ClientMessage): void => {
  process.send?.(message);
};

const setup = JSON.parse(process.env['BENCH_CLIENT'] ?? '') as ClientSetup;
const createClient = await load(setup);
process.on('message', (message: Partial<SendMessage>) => {
  const file = message.send;
  if (file === undefined) return;
  const began = performance.now();
  createClient(setup.endpoints)(file).then(
    (stored) => tell({ stored, milliseconds: performance.now() - began }),
    (error: unknown) => tell({ failed: String(error) }),
  );
});
// Between two files nothing else keeps it alive.
process.channel?.ref();
process.once('disconnect', () => process.exit(0));
tell({ ready: true });
