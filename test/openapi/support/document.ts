import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { documentPath } from '../../../scripts/openapi/document.ts';

export interface Header {
  readonly required?: boolean;
}

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, { readonly schema?: object; readonly example?: unknown }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly example?: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly responses: Readonly<Record<string, Answer | { readonly $ref: string }>>;
}

export interface Document {
  readonly components: { readonly responses: Readonly<Record<string, Answer>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The document as it is committed: what a reader has. */
export const document = JSON.parse(readFileSync(documentPath, 'utf8')) as Document;

export interface FoundOperation {
  readonly operation: Operation;
  /** JSON pointer of it in the document. */
  readonly pointer: string;
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

export const operations: ReadonlyMap<string, FoundOperation> = new Map(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [
      operation.operationId,
      { operation, pointer: `/paths/${escaped(path)}/${method}` },
    ]),
  ),
);

const SHARED = '#/components/responses/';

/** What an operation answers with a status, and where that stands; undefined for a status that it has not. */
export const answerOf = (
  { operation, pointer }: FoundOperation,
  status: number | string,
): { answer: Answer; pointer: string } | undefined => {
  const found = operation.responses[status];
  if (found === undefined) return undefined;
  if (!('$ref' in found)) return { answer: found, pointer: `${pointer}/responses/${status}` };
  const name = found.$ref.slice(SHARED.length);
  const answer = document.components.responses[name];
  return answer && { answer, pointer: `/components/responses/${name}` };
};

const ROOT = 'https://darkroom.test/openapi.json';

// Not strict: the document around the schemas has words that are none of JSON Schema's.
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ ...document, $id: ROOT });

const sentence = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath || '/'} ${message ?? ''} ${JSON.stringify(params)}`;

/** What is wrong with a value by the schema at a pointer of the document; nothing when it fits. */
export const violations = (pointer: string, names: readonly string[], value: unknown): string[] => {
  const address = `${ROOT}#${encodeURI(`${pointer}/${names.map(escaped).join('/')}`)}`;
  const validate = ajv.getSchema(address) ?? ajv.compile({ $ref: address });
  return validate(value) === true ? [] : (validate.errors ?? []).map(sentence);
};
