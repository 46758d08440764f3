import batchGetItem from 'dynalite/actions/batchGetItem.js';
import batchWriteItem from 'dynalite/actions/batchWriteItem.js';
import deleteItem from 'dynalite/actions/deleteItem.js';
import getItem from 'dynalite/actions/getItem.js';
import putItem from 'dynalite/actions/putItem.js';
import query from 'dynalite/actions/query.js';
import scan from 'dynalite/actions/scan.js';
import updateItem from 'dynalite/actions/updateItem.js';
import batchGetItemRules from 'dynalite/validations/batchGetItem.js';
import batchWriteItemRules from 'dynalite/validations/batchWriteItem.js';
import createTableRules from 'dynalite/validations/createTable.js';
import deleteItemRules from 'dynalite/validations/deleteItem.js';
import getItemRules from 'dynalite/validations/getItem.js';
import putItemRules from 'dynalite/validations/putItem.js';
import queryRules from 'dynalite/validations/query.js';
import scanRules from 'dynalite/validations/scan.js';
import updateItemRules from 'dynalite/validations/updateItem.js';
import validations from 'dynalite/validations/index.js';
import { AwsError } from '../service.ts';
import type { Store } from './store.ts';

export type Input = Record<string, unknown>;

type Action = typeof putItem;
type Rules = typeof putItemRules;

const OPERATIONS = {
  GetItem: { run: getItem, rules: getItemRules },
  PutItem: { run: putItem, rules: putItemRules },
  UpdateItem: { run: updateItem, rules: updateItemRules },
  DeleteItem: { run: deleteItem, rules: deleteItemRules },
  BatchGetItem: { run: batchGetItem, rules: batchGetItemRules },
  BatchWriteItem: { run: batchWriteItem, rules: batchWriteItemRules },
  Query: { run: query, rules: queryRules },
  Scan: { run: scan, rules: scanRules },
} satisfies Record<string, { run: Action; rules: Rules }>;

export type Operation = keyof typeof OPERATIONS;
/** Operations that answer before they return. */
export type SyncOperation = Exclude<Operation, 'Query' | 'Scan'>;

interface DynaliteError {
  readonly statusCode?: number;
  readonly body?: { __type?: string; message?: string; Message?: string };
}

/** dynalite's errors carry the body of the answer; anything else is a fault of ours and stays what it is. */
function toAwsError(error: unknown): unknown {
  const { statusCode, body } = error as DynaliteError;
  const type = body?.__type;
  if (type === undefined) return error;
  const message = body?.message ?? body?.Message ?? '';
  return new AwsError(type.slice(type.indexOf('#') + 1), message, { status: statusCode ?? 400, cause: error });
}

/** Calls dynalite and turns its errors into ours. @throws AwsError */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toAwsError(error);
  }
}

function validate(store: Store, rules: Rules, input: Input): Input {
  return guarded(() => {
    const data = validations.checkTypes({ ...input }, rules.types);
    validations.checkValidations(data, rules.types, rules.custom, store);
    return data;
  });
}

/** Checks an input by DynamoDB's rules and parses its expressions. @throws AwsError ValidationException, SerializationException */
export function prepared(store: Store, operation: Operation, input: Input): Input {
  return validate(store, OPERATIONS[operation].rules, input);
}

/** CreateTable is ours, its rules are dynalite's. @throws AwsError ValidationException */
export function preparedTable(store: Store, input: Input): Input {
  return validate(store, createTableRules, input);
}

/** Runs an operation on prepared data. @throws AwsError */
export function runSync(store: Store, operation: SyncOperation, data: Input): Input {
  let answer: { error: unknown; result: unknown } | undefined;
  OPERATIONS[operation].run(store, data, (error, result) => {
    answer = { error, result };
  });
  if (!answer) throw new Error(`expected ${operation} of dynalite to answer at once but received no answer`);
  if (answer.error) throw toAwsError(answer.error);
  return answer.result as Input;
}

/** Query and Scan, which answer a moment later. @throws AwsError */
export function runRead(store: Store, operation: 'Query' | 'Scan', data: Input): Promise<Input> {
  return new Promise((resolve, reject) => {
    OPERATIONS[operation].run(store, data, (error, result) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- an Error, only dynalite has no types
      if (error) reject(toAwsError(error));
      else resolve(result as Input);
    });
  });
}
