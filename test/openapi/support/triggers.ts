import { readdirSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** An `httpApi` event of a function, as its service deploys it. */
export interface Trigger {
  readonly service: string;
  readonly method: string;
  readonly path: string;
}

const servicesDir = fileURLToPath(new URL('../../../services/', import.meta.url));

interface FunctionEntry {
  events?: { httpApi?: string }[];
}

const triggersOf = (service: string): Trigger[] => {
  const text = readFileSync(`${servicesDir}${service}/functions.yml`, 'utf8');
  // CloudFormation's tags mean nothing here.
  const functions = Object.values(parse(text, { logLevel: 'silent' }) as Record<string, FunctionEntry>);
  return functions.flatMap(({ events = [] }) =>
    events.flatMap(({ httpApi }) => {
      if (httpApi === undefined) return [];
      const [method = '', path = ''] = httpApi.split(' ');
      return [{ service, method, path }];
    }),
  );
};

/** Every HTTP route that the services deploy. */
export const triggers: readonly Trigger[] = readdirSync(servicesDir)
  .filter((service) => existsSync(`${servicesDir}${service}/functions.yml`))
  .flatMap(triggersOf);

/** True when API Gateway may lead this method and path to the trigger. Braces in `path` stand for any one segment. */
export const covers = ({ method, path }: Trigger, route: { method: string; path: string }): boolean => {
  if (method !== 'ANY' && method !== '*' && method !== route.method) return false;
  const pattern = path
    .split('/')
    .map((segment) => (/^\{\w+\+\}$/.test(segment) ? '.+' : /^\{\w+\}$/.test(segment) ? '[^/]+' : segment))
    .join('/');
  return new RegExp(`^${pattern}$`).test(route.path);
};
