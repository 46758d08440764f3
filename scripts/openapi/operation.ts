import type * as z from 'zod';
import { errorBodySchema } from '../../packages/types/src/api.ts';
import { errorsOf, type Route, type RouteAnswer } from '../../packages/types/src/routes.ts';
import type { Components } from './components.ts';
import type { RouteExample } from './examples.ts';
import { inlineSchema, type Json } from './json-schema.ts';

/** Properties of an object schema as the document writes parameters and headers: each with what the whole says about it. */
const propertiesOf = (object: z.ZodObject | undefined) => {
  if (object === undefined) return [];
  const { properties, required } = inlineSchema(object) as { properties: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema;
    const isRequired = required?.includes(name) === true && !('default' in schema);
    return { name, schema: rest, required: isRequired, ...(description === undefined ? {} : { description }) };
  });
};

const PLACES = { path: 'params', query: 'query', header: 'headers' } as const;

const parametersOf = (route: Route, example: RouteExample): Json[] =>
  (Object.keys(PLACES) as (keyof typeof PLACES)[]).flatMap((place) =>
    propertiesOf(route[PLACES[place]]).map(({ name, ...rest }) => {
      const value = example[PLACES[place]]?.[name];
      return { name, in: place, ...rest, ...(value === undefined ? {} : { example: value }) };
    }),
  );

const headersOf = (headers: z.ZodObject | undefined): Json =>
  Object.fromEntries(propertiesOf(headers).map(({ name, ...rest }) => [name, rest]));

const withHeaders = (headers: Json): Json => (Object.keys(headers).length === 0 ? {} : { headers });

const answerOf = (answer: RouteAnswer, { use }: Components, example: unknown): Json => ({
  description: answer.description,
  ...withHeaders(headersOf(answer.headers)),
  ...(answer.schema === undefined
    ? {}
    : {
        content: {
          'application/json': { schema: use(answer.schema), ...(example === undefined ? {} : { example }) },
        },
      }),
});

/** RFC 6750 §3: a 401 says which scheme is wanted. RFC 9110 §15.6.4: a 503 may say when to come back. */
const ERROR_HEADERS: Readonly<Record<number, Json>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string', const: 'Bearer' }, required: true } },
  503: {
    'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string', pattern: '^\\d+$' }, required: true },
  },
};

/** The error body, narrowed to the codes that this route answers with this status. */
const errorAnswer = (route: Route, status: number, { use }: Components): Json => {
  const codes = errorsOf(route).flatMap((error) => (error.status === status ? [error.code] : []));
  const schema = { allOf: [use(route.errorSchema ?? errorBodySchema), { properties: { code: { enum: codes } } }] };
  const description = codes.map((code) => `\`${code}\``).join(', ');
  const problem = route.problem?.statuses.includes(status) === true ? route.problem : undefined;
  const content = {
    'application/json': { schema },
    ...(problem && { 'application/problem+json': { schema: use(problem.schema) } }),
  };
  return {
    description,
    ...withHeaders({ ...ERROR_HEADERS[status], ...headersOf(route.errorHeaders) }),
    // RFC 9110 §9.3.2: an answer to HEAD has no content.
    ...(route.method === 'HEAD' ? {} : { content }),
  };
};

const answersOf = (route: Route, components: Components, example: RouteExample): Json => {
  const successes = Object.entries(route.answers).map(
    ([status, answer]) => [status, answerOf(answer, components, example.answers[Number(status)])] as const,
  );
  const statuses = [...new Set(errorsOf(route).map(({ status }) => status))];
  const errors = statuses.map((status) => [String(status), errorAnswer(route, status, components)] as const);
  return Object.fromEntries([...successes, ...errors]);
};

const bodyOf = ({ body }: Route, { use }: Components, example: unknown): Json => {
  if (body === undefined) return {};
  const media = {
    ...(body.schema === undefined ? {} : { schema: use(body.schema) }),
    ...(example === undefined ? {} : { example }),
  };
  const content = Object.fromEntries(body.types.map((type) => [type, media]));
  return { requestBody: { required: body.optional !== true, content } };
};

/** A token in the path is a parameter: OpenAPI has no security scheme for that place. */
const securityOf = ({ token }: Route): Json[] => {
  if (token.kind === 'upload') return [{ uploadToken: [] }];
  // OpenAPI 3.1 §4.8.30: names in the list are roles that are needed.
  return token.kind === 'access' && token.place === 'header' ? [{ accessToken: [token.scope] }] : [];
};

/** The OpenAPI operation of a route. */
export const operationOf = (route: Route, components: Components, example: RouteExample): Json => {
  const parameters = parametersOf(route, example);
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: securityOf(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(route, components, example.body),
    responses: answersOf(route, components, example),
  };
};
