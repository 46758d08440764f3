import { ListMultipartUploadsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { type Route, routes } from '../../packages/types/src/routes.ts';
import { scopeSchema } from '../../packages/types/src/tokens.ts';
import { addressOf, type Call } from '../openapi/support/recorder.ts';
import { s3Of } from '../support/aws.ts';
import { startSystem, type TestSystem } from '../support/system.ts';
import { attacksOn } from './support/attacks.ts';
import { callOf, OWNER, TENANT } from './support/victim.ts';

const BUCKET = 'darkroom-local-originals-000000000000-us-east-1';

let system: TestSystem;
let s3: S3Client;

beforeAll(async () => {
  system = await startSystem();
  s3 = s3Of(system.endpoint);
}, 120_000);
afterAll(async () => {
  s3.destroy();
  await system.stop();
}, 30_000);

/** Everything that an upload can leave in storage. */
const stored = async (): Promise<string[]> => {
  const objects = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
  return [...(objects.Contents ?? []), ...(uploads.Uploads ?? [])].map(({ Key }) => Key ?? '').sort();
};

const send = async (route: Route, call: Call) => {
  const { headers, bearer, json, bytes } = call;
  const body = json === undefined ? bytes : JSON.stringify(json);
  const response = await fetch(addressOf(system.api, route, call), {
    method: route.method,
    redirect: 'manual',
    headers: {
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

/** What no refusal may tell: whose it is, where it is, when it ends, how it is made. */
const leaksIn = (text: string): string[] =>
  [
    TENANT,
    OWNER,
    'mallory',
    'private.jpg',
    'darkroom-local',
    'originals',
    'staging',
    'amazonaws',
    system.secret,
    'node_modules',
    'node:',
    'Error',
    'zod',
  ].filter((word) => text.includes(word));

/** Instants, stack lines, claims in Base64. */
const SHAPES = [/\d{4}-\d\d-\d\dT/, /\bat .+:\d+/, /eyJ/, /\b\d{10}\b/];

/** Scopes that a refusal names beside the one that is wanted: what the token may do is in the token. */
const otherScopes = ({ token }: Route, text: string): string[] =>
  token.kind === 'access' ? scopeSchema.options.filter((scope) => scope !== token.scope && text.includes(scope)) : [];

/** The sentence of each kind of refusal, as the first route said it. */
const sentences = new Map<string, string>();

/** What is refused in the same words: a foreign thing on each route in its own, a scope by its name, all else everywhere alike. */
const kindOf = ({ id, token }: Route, code: string): string => {
  if (code === 'NOT_FOUND') return `${id} ${code}`;
  return code === 'FORBIDDEN' && token.kind === 'access' ? `${code} ${token.scope}` : code;
};

/** One body for all: the code, its sentence, an id to quote. Companion's clients look for the sentence under another name. */
const assessBody = (route: Route, text: string, wanted: string): void => {
  const { error, requestId, ...body } = JSON.parse(text) as Record<string, string>;
  const message = body['message'] ?? '';
  expect({ body }).toEqual({ body: { code: wanted, message: expect.stringMatching(/^[^\n]+$/) } });
  expect(requestId).toMatch(/^[\w-]+$/);
  expect(error ?? message).toBe(message);
  const kind = kindOf(route, wanted);
  const sentence = sentences.get(kind) ?? message;
  sentences.set(kind, sentence);
  expect(message).toBe(sentence);
  if (wanted === 'FORBIDDEN') expect(otherScopes(route, message)).toEqual([]);
};

describe.each(routes.filter(({ token }) => token.kind !== 'none'))('$method $path', (route) => {
  it('refuses every token that is not good for it, tells nothing, stores nothing', async () => {
    const before = await stored();
    for (const { kind, call, status, code } of attacksOn(route, system)) {
      const answer = await send(route, call);
      const at = `${kind}: ${answer.text}`;
      expect({ at, status: answer.status }).toEqual({ at, status });
      const scheme = answer.headers.get('www-authenticate');
      expect({ at, scheme }).toEqual({ at, scheme: status === 401 ? 'Bearer' : null });
      const leaks = leaksIn(answer.text + [...answer.headers.values()].join(' '));
      const shapes = SHAPES.filter((shape) => shape.test(answer.text));
      expect({ at, leaks, shapes }).toEqual({ at, leaks: [], shapes: [] });
      if (route.method !== 'HEAD') assessBody(route, answer.text, code);
    }
    expect(await stored()).toEqual(before);
  });

  it('takes a good token, so that it was the token that was refused', async () => {
    if (route.token.kind !== 'access') return;
    const { params, ...call } = callOf(route, system);
    const token = system.mint({ tenant: TENANT, owner: OWNER });
    const answer = await send(route, {
      ...call,
      params: { ...params, token },
      ...(route.token.place === 'header' && { bearer: token }),
    });
    expect(answer.status).not.toBe(401);
    expect(answer.status).not.toBe(403);
    expect(answer.status).toBeLessThan(500);
  });
});

describe('a path without its token', () => {
  it.each(routes.filter(({ path }) => path.includes('{token}')))('is no route: $method $path', async (route) => {
    const { params, ...call } = callOf(route, system);
    const answer = await send(route, { ...call, params: { ...params, token: '' } });
    expect(answer.status).toBe(404);
    expect(leaksIn(answer.text)).toEqual([]);
  });
});
