import { Command, CommanderError } from 'commander';
import { demo } from './commands/demo.ts';
import { type IngestCommandOptions, ingestCommand } from './commands/ingest.ts';
import type { ReprocessOptions } from './commands/reprocess.ts';
import { down, status, token } from './commands/status.ts';
import { type UpOptions, up } from './commands/up.ts';
import { asCliError, CliError } from './errors.ts';
import { count, dataOption, seconds, type SystemOptions, systemOptions } from './options.ts';

/** Exit status of the command, once it has one. */
type Finish = (exitCode: number) => void;

const createProgram = (finish: Finish): Command => {
  const program = new Command('darkroom').description('An image platform on one machine: upload, develop, serve.');
  program.exitOverride().configureOutput({ writeErr: () => undefined });

  systemOptions(
    program.command('start', { isDefault: true }).description('start everything, ingest the sample photographs, stay'),
  ).action(async (options: SystemOptions) => {
    finish(await demo(options));
  });
  systemOptions(program.command('up').description('start the embedded system, print its URLs, stay'))
    .option('--json', 'print one JSON object once ready')
    .option('--cloud-only', 'start just the stand-in for AWS, empty')
    .action((options: UpOptions) => up(options));
  systemOptions(
    program.command('ingest').description('send files and folders through the public API and wait for every verdict'),
  )
    .argument('<path...>', 'images, or folders of them')
    .option('--json', 'print one JSON object and nothing else')
    .option('--keep', 'leave the system up, so that the URLs answer; `down` ends it')
    .option('--concurrency <n>', 'uploads at the same time', count, 6)
    .option('--timeout <seconds>', 'longest time without any verdict before the rest counts as lost', seconds, 300)
    .option('--no-dedupe', 'make an image of every file, though another has the same bytes')
    .action(async (paths: string[], options: IngestCommandOptions) => {
      finish(await ingestCommand(paths, options));
    });
  dataOption(
    program
      .command('reprocess')
      .description('have images rendered again by the present ladder, behind all fresh uploads'),
  )
    .argument('[image-id...]', 'only these; all of the tenant without any')
    .requiredOption('--tenant <name>', 'whose images')
    .option('--json', 'print one JSON object')
    .action(async (imageIds: string[], options: ReprocessOptions) => {
      // Loaded when it is wanted: every other command starts without Lambda's client.
      const { reprocess } = await import('./commands/reprocess.ts');
      finish(await reprocess(imageIds, options));
    });
  for (const [name, description, run] of [
    ['status', 'where the system is, and how many images are in which state', status],
    ['down', 'end the running system', down],
    ['token', 'print the access token of the running system', token],
  ] as const) {
    dataOption(program.command(name).description(description))
      .option('--json', 'print one JSON object')
      .action(async (options: { data: string; json?: boolean }) => {
        finish(await run(options));
      });
  }
  return program;
};

const wantsJson = (argv: readonly string[]): boolean => argv.includes('--json');

const fail = (error: CliError, argv: readonly string[]): number => {
  if (wantsJson(argv))
    process.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`);
  process.stderr.write(`darkroom: ${error.message} (${error.code})\n`);
  if (error.code === 'INTERNAL' && process.env['DARKROOM_DEBUG'] !== undefined)
    process.stderr.write(`${String((error.cause as Error | undefined)?.stack ?? error.stack)}\n`);
  return error.exitCode;
};

const usageError = (error: CommanderError): CliError =>
  new CliError('INVALID_OPTION', error.message.replace(/^error: /, '').replaceAll('\n', ' '));

/** Runs one command of `argv` (as in process.argv) and sets the exit status: 0 fine, 1 failed, 2 wrong usage. */
export const main = async (argv: readonly string[]): Promise<void> => {
  let exitCode = 0;
  try {
    await createProgram((code) => (exitCode = code)).parseAsync(argv);
  } catch (error) {
    // Commander throws to say that help was shown, too.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    exitCode = fail(error instanceof CommanderError ? usageError(error) : asCliError(error), argv);
  }
  process.exitCode = exitCode;
  // Keep-alive sockets would hold the process for seconds after its work is done; a slow reader of a pipe must have read all first.
  process.stdout.write('', () => process.exit(exitCode));
};
