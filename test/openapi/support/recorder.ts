import { type Route, routes } from '../../../packages/types/src/routes.ts';
import { type Answer, answerOf, operations, violations } from './document.ts';

export interface Call {
  /** Of the path; a token in the path is `token`. */
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the Authorization header. */
  readonly bearer?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, with the content type among `headers`. */
  readonly bytes?: Uint8Array<ArrayBuffer> | string;
}

/** What JSON.parse answers: answers of the API are looked at here, not typed. */
export type Parsed = ReturnType<typeof JSON.parse>;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined without a body. */
  readonly body: Parsed;
}

export interface Seen {
  readonly id: string;
  readonly status: number;
  /** Of an error body. */
  readonly code: string | undefined;
}

export interface Recorder {
  /** Calls a route and throws when the answer is not one that the document has. */
  readonly call: (id: string, call?: Call) => Promise<Reply>;
  readonly seen: readonly Seen[];
}

/** Headers that the connection, the gateway or a browser's rules add to any answer. */
const ANY_ANSWER = new Set([
  'access-control-allow-origin',
  'access-control-expose-headers',
  'apigw-requestid',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'vary',
]);

const routeOf = (id: string): Route => {
  const route = routes.find((each) => each.id === id);
  if (route === undefined) throw new Error(`expected a route of the table but received ${id}`);
  return route;
};

/** The address of a call; parameters that are not given stay empty. */
export const addressOf = (api: string, { path }: Route, { params = {}, query = {} }: Call): URL => {
  const url = new URL(
    `${api}${path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))}`,
  );
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
};

const requestOf = ({ method }: Route, { headers, bearer, json, bytes }: Call): RequestInit => {
  const body = json === undefined ? bytes : JSON.stringify(json);
  return {
    method,
    redirect: 'manual',
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  };
};

const wrongHeaders = (pointer: string, answer: Answer, headers: Headers): string[] => {
  const documented = new Map(
    Object.entries(answer.headers ?? {}).map(([name, header]) => [name.toLowerCase(), [name, header] as const]),
  );
  const unknown = [...headers.keys()].filter((name) => !ANY_ANSWER.has(name) && !documented.has(name));
  const wrong = [...documented].flatMap(([lower, [name, header]]) => {
    const value = headers.get(lower);
    if (value === null) return header.required === true ? [`header ${name} is missing`] : [];
    return violations(pointer, ['headers', name, 'schema'], value).map((each) => `header ${name}: ${each}`);
  });
  return [...unknown.map((name) => `header ${name} is not documented`), ...wrong];
};

const wrongBody = (
  pointer: string,
  { content }: Answer,
  { type, body, isOptional }: { type: string; body: unknown; isOptional: boolean },
): string[] => {
  if (content === undefined) return body === undefined ? [] : ['a body where none is documented'];
  if (body === undefined && isOptional) return [];
  if (!(type in content)) return [`content type ${type} where ${Object.keys(content).join(' or ')} is documented`];
  return violations(pointer, ['content', type, 'schema'], body);
};

const parsed = (text: string, type: string): unknown => {
  if (text === '') return undefined;
  return type.endsWith('json') ? JSON.parse(text) : text;
};

/** Calls routes of a running system by their ids and holds every answer against docs/openapi.json. */
export const createRecorder = (api: string): Recorder => {
  const seen: Seen[] = [];
  return {
    seen,
    call: async (id, call = {}) => {
      const route = routeOf(id);
      const response = await fetch(addressOf(api, route, call), requestOf(route, call));
      const { status, headers } = response;
      const type = headers.get('content-type')?.split(';')[0] ?? '';
      const body: Parsed = parsed(await response.text(), type);
      const documented = answerOf(operations.get(id)!, status);
      const isOptional = route.answers[status]?.optional === true;
      const wrong = documented
        ? [
            ...wrongHeaders(documented.pointer, documented.answer, headers),
            ...wrongBody(documented.pointer, documented.answer, { type, body, isOptional }),
          ]
        : ['a status that is not documented'];
      if (wrong.length > 0)
        throw new Error(
          `${route.method} ${route.path} answered ${status} ${JSON.stringify(body)}: ${wrong.join('; ')}`,
        );
      seen.push({ id, status, code: status >= 400 ? body?.code : undefined });
      return { status, headers, body };
    },
  };
};
