import { AwsError, type CloudContext, type JsonService } from '../service.ts';
import type { Input } from './engine.ts';
import { itemActions } from './items.ts';
import { settingActions } from './setting-actions.ts';
import { Store } from './store.ts';
import { tableActions } from './tables.ts';
import { transactionActions } from './transactions.ts';
import { sweepExpired } from './ttl.ts';

export interface DynamoDbService extends JsonService {
  /** Calls an action inside the process. @throws AwsError */
  readonly call: (action: string, input: Input) => Promise<unknown>;
  /** Deletes items whose TTL has passed; runs by itself every minute. Returns how many went. */
  readonly sweepTimeToLive: () => number;
}

/** AWS takes up to two days; a minute shows on a desk that TTL works and costs nothing. */
const TTL_SWEEP_MS = 60_000;

/** Amazon DynamoDB: dynalite's expressions and rules on a SQLite store, in `dataDir/dynamodb.sqlite`. */
export function createDynamoDb(context: CloudContext): DynamoDbService {
  const store = new Store(context.dataDir);
  const actions: JsonService['actions'] = {
    ...tableActions(store, context),
    ...settingActions(store, context),
    ...itemActions(store),
    ...transactionActions(store, context.now),
  };
  const sweepTimeToLive = (): number => sweepExpired(store, context.now());
  const timer = setInterval(() => {
    try {
      sweepTimeToLive();
    } catch (error) {
      context.log('error', 'expired items could not be deleted', { error: String(error) });
    }
  }, TTL_SWEEP_MS).unref();
  const signal = new AbortController().signal;

  return {
    targetPrefix: 'DynamoDB_20120810',
    contentType: 'application/x-amz-json-1.0',
    actions,
    call: async (action, input) => {
      const run = actions[action];
      if (!run)
        throw new AwsError('UnknownOperationException', `expected an action of DynamoDB but received ${action}`);
      // An answer may share objects with what was asked; in the process, too, they part ways here.
      return structuredClone(await run(structuredClone(input), { requestId: '', headers: {}, signal }));
    },
    sweepTimeToLive,
    close: () => {
      clearInterval(timer);
      store.database.close();
    },
  };
}
