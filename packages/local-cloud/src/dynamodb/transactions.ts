import { createHash } from 'node:crypto';
import db from 'dynalite/db/index.js';
import { AwsError, type JsonAction } from '../service.ts';
import { guarded, prepared, runSync, type Input } from './engine.ts';
import { currentItem, wantsOldItem, write } from './items.ts';
import type { Store } from './store.ts';

/** Limits of https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MAX_ACTIONS = 100;
const MAX_BYTES = 4 * 1024 * 1024;
/** How long a ClientRequestToken is remembered: ten minutes after the request. */
const TOKEN_MS = 600_000;

const WRITES = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem' } as const;

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: unknown;
}

interface Step {
  readonly kind: keyof typeof WRITES | 'ConditionCheck';
  readonly input: Input;
}

const validationError = (message: string): AwsError => new AwsError('ValidationException', message);

/** The members of `TransactItems`, each of which must hold exactly one action. @throws AwsError ValidationException */
function actionsOf(input: Input, kinds: readonly string[]): [kind: string, action: Input][] {
  const items = input.TransactItems;
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ACTIONS) {
    const rule =
      Array.isArray(items) && items.length > 0 ? `less than or equal to ${MAX_ACTIONS}` : 'greater than or equal to 1';
    throw validationError(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ${rule}`,
    );
  }
  return items.map((item: unknown) => {
    const given = Object.entries((item ?? {}) as Input).filter(([, action]) => action !== undefined && action !== null);
    const [only] = given;
    if (given.length !== 1 || !only || !kinds.includes(only[0])) {
      throw validationError(`TransactItems can only contain one of ${kinds.join(', ')}`);
    }
    return [only[0], only[1] as Input];
  });
}

/** Table and key of the item that an action is about. @throws AwsError ResourceNotFoundException, ValidationException */
function itemKey(store: Store, input: Input): string {
  const table = store.findTable(String(input.TableName));
  if (!table) throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
  return guarded(() => {
    const problem = input.Item === undefined ? db.validateKey(input.Key, table) : db.validateItem(input.Item, table);
    if (problem) throw problem;
    return `${table.TableName} ${db.createKey(input.Key ?? input.Item, table)}`;
  });
}

/** A condition alone; dynalite knows it as a deletion that is not carried out. */
function checkCondition(store: Store, input: Input): void {
  const data = prepared(store, 'DeleteItem', input);
  const existing = currentItem(store, input);
  const failure = db.checkConditional(data, existing);
  if (!failure) return;
  const fields = wantsOldItem(input) && existing !== undefined ? { Item: existing } : {};
  throw new AwsError('ConditionalCheckFailedException', failure.message, { fields });
}

function perform(store: Store, { kind, input }: Step): void {
  if (kind === 'ConditionCheck') checkCondition(store, input);
  else write(store, WRITES[kind], input);
}

/** Runs one step and says why it stops the transaction, if it does. Steps are about different items, so each stands alone. */
function attempt(store: Store, step: Step): Reason {
  try {
    perform(store, step);
    return { Code: 'None' };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'ConditionalCheckFailedException') {
      return { Code: 'ConditionalCheckFailed', Message: error.message, ...error.fields };
    }
    if (error.code === 'ValidationException') return { Code: 'ValidationError', Message: error.message };
    throw error;
  }
}

function cancelled(reasons: readonly Reason[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { fields: { CancellationReasons: reasons } },
  );
}

/** True when the same request was carried out under this token before. @throws AwsError IdempotentParameterMismatchException */
function isRepeated(store: Store, token: string, attempt: { request: string; now: number }): boolean {
  const { request, now } = attempt;
  store.database.prepare('DELETE FROM transact_token WHERE at < ?').run(now - TOKEN_MS);
  const known = store.database.prepare('SELECT request FROM transact_token WHERE token = ?').get(token);
  if (known === undefined) {
    store.database.prepare('INSERT INTO transact_token VALUES (?, ?, ?)').run(token, request, now);
    return false;
  }
  if (known.request === request) return true;
  throw new AwsError(
    'IdempotentParameterMismatchException',
    'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.',
  );
}

/** What DynamoDB refuses before it looks at any item. @throws AwsError ValidationException, ResourceNotFoundException */
function checkSteps(store: Store, steps: readonly Step[]): void {
  for (const { kind, input } of steps) {
    if (kind === 'ConditionCheck' && input.ConditionExpression === undefined) {
      throw validationError(
        "1 validation error detected: Value null at 'transactItems.member.conditionCheck.conditionExpression' failed to satisfy constraint: Member must not be null",
      );
    }
    prepared(store, kind === 'ConditionCheck' ? 'DeleteItem' : WRITES[kind], input);
  }
  const keys = new Set(steps.map(({ input }) => itemKey(store, input)));
  if (keys.size < steps.length) {
    throw validationError('Transaction request cannot include multiple operations on one item');
  }
  const bytes = steps.reduce((sum, { input }) => sum + db.itemSize(input.Item ?? input.Key), 0);
  if (bytes > MAX_BYTES) {
    throw validationError(`Collection size of items in the transaction must be at most ${MAX_BYTES} bytes`);
  }
}

function transactWrite(store: Store, input: Input, now: number): Input {
  const steps = actionsOf(input, ['Put', 'Update', 'Delete', 'ConditionCheck']).map(
    ([kind, action]) => ({ kind, input: action }) as Step,
  );
  const request = createHash('sha256').update(JSON.stringify(input.TransactItems)).digest('hex');
  checkSteps(store, steps);
  const token = input.ClientRequestToken;
  return store.atomically(() => {
    if (typeof token === 'string' && isRepeated(store, token, { request, now })) return {};
    const reasons = steps.map((step) => attempt(store, step));
    if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
    return {};
  });
}

function transactGet(store: Store, input: Input): Input {
  const gets = actionsOf(input, ['Get']).map(([, get]) => prepared(store, 'GetItem', get));
  return {
    Responses: gets.map((data) => {
      const { Item } = runSync(store, 'GetItem', data);
      return Item === undefined ? {} : { Item };
    }),
  };
}

/** TransactWriteItems and TransactGetItems: all in one transaction of the database, so nothing comes in between. */
export function transactionActions(store: Store, now: () => number): Record<string, JsonAction> {
  return {
    TransactWriteItems: (input) => transactWrite(store, input, now()),
    TransactGetItems: (input) => transactGet(store, input),
  };
}
