import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type Route, routes } from '../../packages/types/src/routes.ts';
import { addressOf, type Call } from '../openapi/support/recorder.ts';
import { startSystem, type TestSystem } from '../support/system.ts';
import { attacksOn } from './support/attacks.ts';
import { callOf, OWNER, TENANT } from './support/victim.ts';

const BUCKET = 'darkroom-local-originals-000000000000-us-east-1';

let system: TestSystem;
let s3: S3Client;

beforeAll(async () => {
  system = await startSystem();
  s3 = new S3Client({
    endpoint: system.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
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

const sameForAll = new Map<string, string>();

describe.each(routes.filter(({ token }) => token.kind !== 'none'))('$method $path', (route) => {
  it('refuses every token that is not good for it, tells nothing, stores nothing', async () => {
    const before = await stored();
    for (const { kind, call, status, code } of attacksOn(route, system)) {
      const answer = await send(route, call);
      const at = `${kind}: ${answer.text}`;
      expect({ at, status: answer.status }).toEqual({ at, status });
      if (status === 401)
        expect({ at, scheme: answer.headers.get('www-authenticate') }).toEqual({ at, scheme: 'Bearer' });
      const told = [...answer.headers].flat().join(' ') + answer.text;
      expect({ at, leaks: leaksIn(answer.text) }).toEqual({ at, leaks: [] });
      expect({ at, shapes: SHAPES.filter((shape) => shape.test(answer.text)) }).toEqual({ at, shapes: [] });
      expect(told).not.toContain(system.secret);
      if (route.method === 'HEAD') continue;

      const { error, requestId, ...body } = JSON.parse(answer.text) as Record<string, string>;
      expect({ kind, body }).toEqual({ kind, body: { code, message: expect.any(String) } });
      expect(requestId).toMatch(/^[\w-]+$/);
      // Companion's clients look for the sentence under another name; it is the same one.
      if (error !== undefined) expect(error).toBe(body['message']);
      // A foreign thing is unknown in the words of its route; for all else there is one sentence.
      const group =
        code === 'NOT_FOUND'
          ? `${route.id} ${code}`
          : code === 'FORBIDDEN'
            ? `${code} ${kind} ${String(route.token.kind === 'access' && route.token.scope)}`
            : code;
      const sentence = sameForAll.get(group) ?? body['message'] ?? '';
      sameForAll.set(group, sentence);
      expect({ at, message: body['message'] }).toEqual({ at, message: sentence });
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
