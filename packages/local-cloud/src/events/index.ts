import type { CloudContext, JsonService } from '../service.ts';
import { openDatabase } from '../database.ts';
import { eventActions } from './actions.ts';
import { deliver, giveUp, type DeliveryPorts } from './deliver.ts';
import { Outbox } from './outbox.ts';
import { RuleStore } from './rule-store.ts';
import { EVENTS_SCHEMA } from './schema.ts';

export { parseSchedule } from './schedule.ts';

export interface EventsService extends JsonService {
  /** Deliveries that have been accepted and not yet made. */
  readonly pending: () => number;
}

/**
 * Amazon EventBridge, in `dataDir/events.sqlite`: buses, rules and their targets. Scheduled rules are stored here and
 * fired by Lambda's scheduler.
 */
export function createEvents(context: CloudContext, ports: Omit<DeliveryPorts, 'log'>): EventsService {
  const database = openDatabase(context.dataDir, 'events', EVENTS_SCHEMA);
  const rules = new RuleStore(context, database);
  const targets: DeliveryPorts = { ...ports, log: context.log };
  const outbox = new Outbox(database, {
    now: context.now,
    log: context.log,
    deliver: (delivery) => deliver(delivery, targets),
    giveUp: (delivery, failure) => {
      giveUp(delivery, failure, targets);
    },
  });
  return {
    targetPrefix: 'AWSEvents',
    contentType: 'application/x-amz-json-1.1',
    actions: eventActions({
      context,
      rules,
      accept: (deliveries) => {
        outbox.add(deliveries);
      },
    }),
    pending: () => outbox.size,
    close: async () => {
      await outbox.close();
      database.close();
    },
  };
}
