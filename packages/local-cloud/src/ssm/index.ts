import type { CloudContext, JsonService } from '../service.ts';
import { openDatabase } from '../database.ts';
import { parameterActions } from './actions.ts';
import { ParameterStore, SSM_SCHEMA, type ParameterType } from './store.ts';

export interface SsmService extends JsonService {
  /** Newest value of a parameter, decrypted; undefined when there is none. */
  readonly get: (name: string) => string | undefined;
  /** Sets a parameter; nothing happens when it has this value and type already. */
  readonly put: (name: string, parameter: { value: string; type?: ParameterType }) => void;
}

/** The parameter store of AWS Systems Manager, in `dataDir/ssm.sqlite`. */
export function createSsm(context: CloudContext): SsmService {
  const database = openDatabase(context.dataDir, 'ssm', SSM_SCHEMA);
  const store = new ParameterStore(context, database);
  return {
    targetPrefix: 'AmazonSSM',
    contentType: 'application/x-amz-json-1.1',
    actions: parameterActions(store, context),
    get: (name) => store.find(name)?.value,
    put: (name, { value, type = 'String' }) => {
      const current = store.find(name);
      if (current?.value !== value || current.type !== type) store.put(name, { value, type });
    },
    close: () => {
      database.close();
    },
  };
}
