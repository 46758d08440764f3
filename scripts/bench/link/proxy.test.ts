import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HookOptions, isHookMessage } from './messages.ts';
import type { LinkProfile } from './profiles.ts';
import { createLinkProxy, type LinkProxy } from './proxy.ts';

const profile: LinkProfile = {
  up: 200_000,
  down: 200_000,
  roundTripMs: 50,
  jitterMs: 0,
  sendBufferBytes: 65_536,
  meanBytesBetweenResets: null,
  interruptions: [],
};
const PACE = 20;

let dir: string;
let server: Server;
let port: number;
let proxy: LinkProxy;
let child: ChildProcess | undefined;
const received: { bytes: number; host: string | undefined; ended: boolean }[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'darkroom-link-'));
  server = createServer((request, response) => {
    const seen = { bytes: 0, host: request.headers.host, ended: false };
    received.push(seen);
    request.on('data', (chunk: Buffer) => (seen.bytes += chunk.length));
    request.on('error', () => undefined);
    request.on('end', () => {
      seen.ended = true;
      response.end('stored');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  proxy = await createLinkProxy({
    socketPath: join(dir, 'link'),
    tell: (message) => child?.connected === true && child.send(message),
  });
});
afterAll(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true });
});

/** Runs a script as a client behind the link and answers what it sends to its parent. */
const runClient = async (code: string): Promise<Record<string, unknown>> => {
  const path = join(dir, 'client.mjs');
  await writeFile(path, code);
  const options: HookOptions = { socketPath: join(dir, 'link'), ports: [port], pace: PACE, sendBufferBytes: 65_536 };
  child = fork(path, {
    execArgv: ['--import', fileURLToPath(new URL('hook.ts', import.meta.url)), '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_OPTIONS: '', BENCH_LINK: JSON.stringify(options), PORT: String(port) },
  });
  const running = child;
  const answer = await new Promise<Record<string, unknown>>((resolve, reject) => {
    running.once('exit', (status) => reject(new Error(`the client ended with ${String(status)} and without a word`)));
    running.on('message', (message: Record<string, unknown>) => {
      if (isHookMessage(message)) proxy.hear(message);
      else resolve(message);
    });
  });
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  return answer;
};

const post = (bytes: number) => `
  const url = 'http://127.0.0.1:' + process.env.PORT + '/upload';
  const body = Buffer.alloc(${String(bytes)});
`;

describe('a client behind the link', () => {
  it.each([
    ['fetch', `const answer = await (await fetch(url, { method: 'PUT', body })).text(); process.send({ answer });`],
    [
      'node:http',
      `import { request } from 'node:http';
       const sent = request(url, { method: 'PUT' }, async (response) => {
         let answer = ''; for await (const chunk of response) answer += chunk; process.send({ answer });
       });
       sent.end(body);`,
    ],
  ])('sends by %s, keeps its Host header and is counted to the byte', async (_, code) => {
    proxy.begin(profile, 'a', PACE);
    received.length = 0;
    const answer = await runClient(post(300_000) + code);

    expect(answer).toEqual({ answer: 'stored' });
    expect(received).toEqual([{ bytes: 300_000, host: `127.0.0.1:${String(port)}`, ended: true }]);
    const { upBytes, connections } = proxy.counters();
    expect(upBytes).toBeGreaterThan(300_000);
    expect(upBytes).toBeLessThan(300_500);
    expect(connections).toBe(1);
    // 1.5 s of sending and set-up; a timer may be late but never early.
    expect(proxy.now()).toBeGreaterThan(1500);
  });

  it('cannot write further ahead of the link than its send buffer', async () => {
    proxy.begin({ ...profile, up: 1 }, 'a', PACE);
    const code = `
      import { connect } from 'node:net';
      const socket = connect(Number(process.env.PORT), '127.0.0.1');
      let written = 0;
      const write = () => socket.write(Buffer.alloc(8192), (error) => {
        if (error) return;
        written += 8192;
        write();
      });
      write();
      // 65,536 bytes of buffer; what the link takes at once is ten segments.
      setTimeout(() => {
        process.send({ written });
        socket.destroy();
      }, 4000);
    `;
    const { written } = await runClient(code);
    expect(written).toBeGreaterThanOrEqual(57_344);
    expect(written).toBeLessThanOrEqual(81_920);
  });

  it('sees a handshake as long as the round trip, on the clock it lives by', async () => {
    proxy.begin({ ...profile, roundTripMs: 400 }, 'a', PACE);
    const { took } = await runClient(`
      import { connect } from 'node:net';
      const began = performance.now();
      const socket = connect(Number(process.env.PORT), '127.0.0.1', () => {
        process.send({ took: performance.now() - began });
        socket.destroy();
      });
    `);
    expect(took).toBeGreaterThanOrEqual(400 - PACE);
  });

  it('can turn away while the link still connects', async () => {
    proxy.begin({ ...profile, roundTripMs: 60_000 }, 'a', PACE);
    const { code } = await runClient(`
      const url = 'http://127.0.0.1:' + process.env.PORT + '/';
      await fetch(url, { signal: AbortSignal.timeout(2000) }).catch((error) => process.send({ code: error.name }));
    `);
    expect(code).toBe('TimeoutError');
  });

  it('hears of a reset, and its server gets no end', async () => {
    proxy.begin({ ...profile, meanBytesBetweenResets: 20_000 }, 'a', PACE);
    received.length = 0;
    const { code } = await runClient(
      `${post(3_000_000)} await fetch(url, { method: 'PUT', body }).catch((error) => process.send({ code: error.cause?.code ?? 'none' }));`,
    );
    expect(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']).toContain(code);
    expect(proxy.counters().resets).toBe(1);
    expect(received.every(({ ended }) => !ended)).toBe(true);
  });

  it('lives faster: timers and all clocks agree', async () => {
    proxy.begin(profile, 'a', PACE);
    const { date, clock, hrtime, real } = await runClient(`
      import { setTimeout as sleep } from 'node:timers/promises';
      const began = [Date.now(), performance.now(), process.hrtime.bigint()];
      const uptime = process.uptime();
      await sleep(4000); await new Promise((resolve) => setTimeout(resolve, 4000));
      process.send({
        date: Date.now() - began[0], clock: performance.now() - began[1],
        hrtime: Number(process.hrtime.bigint() - began[2]) / 1e6, real: (process.uptime() - uptime) * 1000,
      });
    `);
    expect(date).toBeGreaterThanOrEqual(8000 - PACE);
    expect(Number(real)).toBeGreaterThanOrEqual(8000 / PACE - 2);
    // All measured the same sleep, whatever it took.
    for (const value of [clock, hrtime, Number(real) * PACE])
      expect(Math.abs(Number(value) - Number(date))).toBeLessThan(400);
  });
});
