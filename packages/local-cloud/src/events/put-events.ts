import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError, type CloudContext } from '../service.ts';
import type { NewDelivery } from './outbox.ts';
import { busName, type RuleStore } from './rule-store.ts';
import { inputFor } from './target.ts';

/** Limits of https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_ENTRIES = 10;
const MAX_BYTES = 262_144;

const entrySchema = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  /** Seconds since the epoch, as the JSON protocol writes times. */
  Time: z.number().optional(),
  TraceHeader: z.string().optional(),
});

export const putEventsSchema = z.object({ Entries: z.array(entrySchema).default([]) });

type Entry = z.infer<typeof entrySchema>;
type EntryResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

/** An entry that EventBridge takes no further; the others of the same call go on. */
class EntryError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function requiredField(name: keyof Entry, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new EntryError('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
}

function parseDetail(text: string): Record<string, unknown> {
  try {
    const detail: unknown = JSON.parse(text);
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail))
      return detail as Record<string, unknown>;
  } catch {
    // Reported below: text that is no JSON is as wrong as JSON that is no object.
  }
  throw new EntryError('MalformedDetail', 'Detail is malformed.');
}

function toEvent(context: CloudContext, entry: Entry): Record<string, unknown> {
  const source = requiredField('Source', entry.Source);
  const detailType = requiredField('DetailType', entry.DetailType);
  const detail = parseDetail(requiredField('Detail', entry.Detail));
  if (source.startsWith('aws.')) {
    throw new EntryError('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  const time = new Date(entry.Time === undefined ? context.now() : entry.Time * 1000);
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: context.accountId,
    time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
    region: context.region,
    resources: entry.Resources ?? [],
    detail,
  };
}

function sizeOf(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  const timeBytes = entry.Time === undefined ? 0 : 14;
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), timeBytes);
}

function checkRequest(entries: readonly Entry[]): void {
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    const rule = entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MAX_ENTRIES}`;
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${rule}`,
    );
  }
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_BYTES) {
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
}

export interface Parts {
  readonly context: CloudContext;
  readonly rules: RuleStore;
  readonly accept: (deliveries: readonly NewDelivery[]) => void;
}

/** Deliveries of one event: one per target of each rule that matches. */
function deliveriesOf({ context, rules }: Parts, bus: string, event: Record<string, unknown>): NewDelivery[] {
  const ingestionTime = new Date(context.now()).toISOString();
  return rules
    .rules(bus)
    .filter((rule) => rule.state === 'ENABLED' && rule.matches(event))
    .flatMap(({ arn: ruleArn, name: ruleName, targets }) =>
      targets.map((target) => ({
        ruleArn,
        target,
        payload: inputFor(target, event, { ruleArn, ruleName, ingestionTime }),
      })),
    );
}

/** Takes events in: each entry stands alone, and what was accepted is on disk, per target, when this returns. */
export function putEvents(
  parts: Parts,
  entries: readonly Entry[],
): { FailedEntryCount: number; Entries: EntryResult[] } {
  const { context, rules, accept } = parts;
  checkRequest(entries);
  const deliveries: NewDelivery[] = [];
  const results = entries.map((entry): EntryResult => {
    try {
      const bus = busName(entry.EventBusName);
      if (!rules.findBus(bus)) throw new EntryError('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
      const event = toEvent(context, entry);
      deliveries.push(...deliveriesOf(parts, bus, event));
      return { EventId: String(event.id) };
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      return { ErrorCode: error.code, ErrorMessage: error.message };
    }
  });
  accept(deliveries);
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
}
