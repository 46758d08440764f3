import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { pathParameters, routes } from '../../packages/types/src/routes.ts';
import { documentPath, openApiText } from '../../scripts/openapi/document.ts';
import { examples } from '../../scripts/openapi/examples.ts';
import { answerOf, document, type FoundOperation, operations, violations } from './support/document.ts';
import { covers, triggers } from './support/triggers.ts';

const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;

const JSON_CONTENT = ['content', 'application/json'];

/** Every example of an operation that its own schema does not take. */
const misfits = (found: FoundOperation): string[] => {
  const { parameters = [], requestBody, responses } = found.operation;
  const shown: (readonly [names: readonly string[], example: unknown])[] = [
    ...parameters.map(({ example }, index) => [['parameters', String(index)], example] as const),
    [['requestBody', ...JSON_CONTENT], requestBody?.content['application/json']?.example],
    ...Object.keys(responses).map((status) => {
      const example = answerOf(found, status)?.answer.content?.['application/json']?.example;
      return [['responses', status, ...JSON_CONTENT], example] as const;
    }),
  ];
  return shown.flatMap(([names, example]) =>
    example === undefined ? [] : violations(found.pointer, [...names, 'schema'], example),
  );
};

/** Successes with a body that no example shows. */
const unshown = (found: FoundOperation): string[] =>
  Object.keys(found.operation.responses).filter((status) => {
    const content = answerOf(found, status)?.answer.content;
    return status < '400' && content !== undefined && content['application/json']?.example === undefined;
  });

describe('docs/openapi.json', () => {
  it('is what the schemas make of it; `npm run openapi` writes it', () => {
    expect(readFileSync(documentPath, 'utf8')).toBe(openApiText());
  });

  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(result).toEqual({ valid: true });
    expect((document as unknown as { openapi: string }).openapi).toMatch(/^3\.1\.\d+$/);
  });

  it('shows an example of every route that its own schemas take', () => {
    const ids = routes.map(({ id }) => id).sort();
    expect(Object.keys(examples).sort()).toEqual(ids);
    expect([...operations.keys()].sort()).toEqual(ids);
    for (const found of operations.values())
      expect({ [found.operation.operationId]: [...misfits(found), ...unshown(found)] }).toEqual({
        [found.operation.operationId]: [],
      });
  });
});

const readme = (service: string): string =>
  readFileSync(new URL(`../../services/${service}/README.md`, import.meta.url), 'utf8');

/** Lines of shell in a README that call something. */
const commandsIn = (service: string): string[] =>
  [...readme(service).matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => line.includes('curl '));

/** The address of a route in a command: any word for each parameter, any base for what is before `/s3` and `/files`. */
const addressPattern = (path: string): RegExp => {
  const tail = path.replace('/u/{token}', '').replaceAll(/\{\w+\}/g, '[^/\\s"?]+');
  return new RegExp(`\\$\\w+${tail}(?=["?\\s]|$)`);
};

describe('the table of routes', () => {
  it('names every route once, with a schema for every parameter of its path', () => {
    expect(new Set(routes.map(({ id }) => id)).size).toBe(routes.length);
    expect(new Set(routes.map(nameOf)).size).toBe(routes.length);
    for (const { path, params } of routes) expect(Object.keys(params?.shape ?? {})).toEqual(pathParameters(path));
  });

  it('has every route that a service deploys, and no other', () => {
    const undeployed = routes.filter((route) => !triggers.some((each) => covers(each, route))).map(nameOf);
    expect(undeployed).toEqual([]);
    const undocumented = triggers.filter((trigger) => !routes.some((route) => covers(trigger, route))).map(nameOf);
    expect(undocumented).toEqual([]);
  });

  it('leads each route to the service that it names', () => {
    for (const route of routes) {
      const services = triggers.filter((trigger) => covers(trigger, route)).map(({ service }) => service);
      expect({ route: nameOf(route), services: [...new Set(services)] }).toEqual({
        route: nameOf(route),
        services: [route.service],
      });
    }
  });

  it('is shown, route by route, by a command in the README of the service', () => {
    const commands = { upload: commandsIn('upload'), metadata: commandsIn('metadata') };
    const unshownRoutes = routes.filter(
      ({ service, path }) => !commands[service].some((command) => addressPattern(path).test(command)),
    );
    expect(unshownRoutes.map(nameOf)).toEqual([]);
  });

  it('is told, route by route, in the README of the service', () => {
    const texts = { upload: readme('upload'), metadata: readme('metadata') };
    const untold = routes.filter(({ service, method, path }) => {
      const text = texts[service];
      // `/u/{token}` is the base that Uppy and tus clients are given; sections about them name what comes after it.
      return ![path, path.replace('/u/{token}', '')].some((each) =>
        new RegExp(`\\b${method} ${each.replaceAll(/[{}/]/g, '\\$&')}(?![/\\w{])`).test(text),
      );
    });
    expect(untold.map(nameOf)).toEqual([]);
  });
});
