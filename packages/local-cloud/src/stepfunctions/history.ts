import type { Dict } from '../stack/values.ts';
import type { HistoryEvent } from './asl/frame.ts';

/** Events kept of one execution; a workflow that makes more keeps its first ones and its end. */
const MAX_EVENTS = 1_000;

/** The member of HistoryEvent that holds the details of events of a type. */
function detailsField(type: string): string {
  if (/State(Entered|Exited)$/.test(type))
    return type.endsWith('Entered') ? 'stateEnteredEventDetails' : 'stateExitedEventDetails';
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

/** Inputs and outputs are JSON texts in the API. */
function asText(details: Dict): Dict {
  const result: Dict = { ...details };
  for (const field of ['input', 'output']) {
    if (field in details) result[field] = JSON.stringify(details[field] ?? null);
  }
  return result;
}

/** The event log of one execution, in the shape of GetExecutionHistory. Parallel branches appear in the order of time. */
export class History {
  private readonly events: Dict[] = [];
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  readonly add = ({ type, details }: HistoryEvent): void => {
    if (this.events.length >= MAX_EVENTS && !type.startsWith('Execution')) return;
    const id = this.events.length + 1;
    this.events.push({
      id,
      previousEventId: id - 1,
      timestamp: this.now() / 1_000,
      type,
      ...(details ? { [detailsField(type)]: asText(details) } : {}),
    });
  };

  list(): Dict[] {
    return this.events;
  }
}
