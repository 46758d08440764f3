import type { Queue } from './queue-store.ts';
import { invalidHandle, invalidParameter } from './errors.ts';

/** What a receipt handle points to. A message gets a new handle each time it is received; on standard queues older ones still count. */
export interface Receipt {
  readonly seq: number;
  readonly messageId: string;
  readonly receiveCount: number;
}

const HANDLE = /^(\d+) (\d+) ([0-9a-f-]{36}) (\d+)$/;

export function writeHandle(queueId: number, { seq, messageId, receiveCount }: Receipt): string {
  return Buffer.from(`${queueId} ${seq} ${messageId} ${receiveCount}`).toString('base64');
}

/** @throws AwsError ReceiptHandleIsInvalid for anything this queue never gave out */
export function readHandle(queue: Queue, handle: string): Receipt {
  if (handle === '') throw invalidParameter('ReceiptHandle', handle, 'The receipt handle is empty');
  const decoded = Buffer.from(handle, 'base64').toString('latin1');
  const [, queueId, seq, messageId, receiveCount] = HANDLE.exec(decoded) ?? [];
  if (Number(queueId) !== queue.id || messageId === undefined) throw invalidHandle(handle);
  return { seq: Number(seq), messageId, receiveCount: Number(receiveCount) };
}
