import type * as z from 'zod';
import type { ReadLog } from '../ports.ts';
import { createLogReader, type View } from './access-log.ts';
import { type CountPorts, countTallies, tallyViews } from './count-views.ts';
import { type LogFile, logFilesOf, type queueEventSchema } from './log-messages.ts';

export interface CountLogsPorts extends CountPorts {
  readonly readLog: ReadLog;
  /** Of so many views one is counted, as so many. */
  readonly sample: number;
}

async function* viewsOf(lines: AsyncIterable<string>): AsyncGenerator<View | undefined> {
  const readLine = createLogReader();
  for await (const line of lines) yield readLine(line);
}

const countFile = async (ports: CountLogsPorts, file: LogFile): Promise<void> => {
  const tallies = await tallyViews(viewsOf(ports.readLog(file)), ports.sample);
  const result = await countTallies(ports, `${file.bucket}/${file.key}`, tallies);
  ports.tell('info', 'access log counted', { ...file, ...result });
};

/**
 * Counts the views of every log file that a batch of messages tells of, file by file. A message whose files could not all be
 * read is given back alone; what of it was counted is not counted again.
 */
export const countLogs = async (
  ports: CountLogsPorts,
  { Records }: z.output<typeof queueEventSchema>,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> => {
  const failures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of Records) {
    try {
      for (const file of logFilesOf(body)) await countFile(ports, file);
    } catch (error) {
      ports.tell('error', 'an access log could not be counted', { messageId, error });
      failures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures: failures };
};
