// `npm run sweep -- DIR [--json] [--photographs] [--jobs N] [--mutants N] [--seed N]`: every file of a folder through the real functions.
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeMutants } from './mutants.ts';
import { sweep } from './pool.ts';
import { printSummary, summarise } from './summary.ts';

const USAGE = `usage: npm run sweep -- DIR [--json] [--photographs] [--jobs N] [--mutants N] [--seed N]
  --json         one JSON document: the summary, and a row for each file
  --photographs  every file is a sound photograph: a rejection is a complaint
  --jobs N       files side by side (default: one for each core)
  --mutants N    instead of the files, N damaged copies of the small ones among them
  --seed N       which damage (default 1)
`;

/** Every file below a folder, in the order of names; hidden ones are no images. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

const options = {
  json: { type: 'boolean', default: false },
  photographs: { type: 'boolean', default: false },
  jobs: { type: 'string', default: String(availableParallelism()) },
  mutants: { type: 'string' },
  seed: { type: 'string', default: '1' },
} as const;

interface Files {
  readonly root: string;
  readonly files: readonly string[];
  readonly remove?: () => void;
}

/** The files to run: those of the folder, or damaged copies of them. */
const filesOf = (folder: string, { mutants, seed }: { mutants?: string | undefined; seed: string }): Files => {
  const root = resolve(process.env['INIT_CWD'] ?? process.cwd(), folder);
  const files = statSync(root).isDirectory() ? filesBelow(root) : [root];
  if (mutants === undefined) return { root, files };
  const written = writeMutants(files, { count: Number(mutants), seed: Number(seed) });
  return { root: written.folder, files: written.files, remove: written.remove };
};

const run = async (): Promise<number> => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { root, files, remove } = filesOf(folder, values);
  const rows = await sweep(files, {
    // Damaged EXIF says one thing to one reader and another to the next: what is upright then is anybody's guess.
    compare: values.mutants === undefined,
    jobs: Math.max(1, Number(values.jobs)),
    onRow: (_row, done) => {
      if (done % 100 === 0) process.stderr.write(`${done} of ${files.length}\n`);
    },
  });
  const summary = summarise(rows, { photographs: values.photographs });
  process.stdout.write(values.json ? `${JSON.stringify({ summary, rows })}\n` : printSummary(summary, rows, root));
  if (summary.complaints.length > 0) return 1;
  // Damaged files that broke a promise stay to be looked at.
  remove?.();
  return 0;
};

process.exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`sweep: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
