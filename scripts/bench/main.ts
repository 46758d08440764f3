// `npm run bench -- NAME [--json] [--images DIR]`
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { type Bench, type BenchResult, machine } from './harness.ts';

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  pipeline: async () => (await import('./pipeline.ts')).pipeline,
  bytes: async () => (await import('./bytes/index.ts')).bytes,
  cold: async () => (await import('./cold/index.ts')).cold,
  vision: async () => (await import('./vision/index.ts')).vision,
  variants: async () => (await import('./variants/index.ts')).variants,
  memory: async () => (await import('./memory/index.ts')).memory,
  'upload-weak': async () => (await import('./upload-weak/index.ts')).uploadWeak,
};

const usage = `usage: npm run bench -- NAME [--json] [--images DIR]\n  NAME: ${Object.keys(benches).join(', ')}\n`;

const table = (result: BenchResult): string => {
  const lines = [
    `${result.bench} on ${result.machine.cores} cores of ${result.machine.cpu}, Node ${result.machine.node}`,
  ];
  lines.push(
    `input: ${Object.entries(result.input)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    '',
  );
  const widest = Math.max(14, ...result.results.map(({ name }) => name.length));
  for (const { name, ...figures } of result.results) {
    lines.push(
      `  ${name.padEnd(widest)} ${Object.entries(figures)
        .map(([figure, value]) => `${figure} ${value}`)
        .join('  ')}`,
    );
  }
  lines.push('');
  for (const [name, value] of Object.entries(result.ratios)) lines.push(`  ${name.padEnd(22)} ${value.toFixed(2)}`);
  return `${lines.join('\n')}\n`;
};

const run = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, images: { type: 'string' } },
  });
  const [name] = positionals;
  const load = name === undefined ? undefined : benches[name];
  if (name === undefined || load === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const bench = await load();
  const measured = await bench({
    ...(values.images !== undefined && { images: resolve(process.env['INIT_CWD'] ?? process.cwd(), values.images) }),
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const result: BenchResult = { bench: name, machine: machine(), ...measured };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : table(result));
  return 0;
};

process.removeAllListeners('warning');
process.exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
