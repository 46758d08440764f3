import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRecorder } from './support/recorder.ts';

interface Given {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

let server: Server;
let answer: Given;

beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const record = async (id: string, given: Given): Promise<unknown> => {
  answer = given;
  const recorder = createRecorder(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  const params = { token: 't', id: 'i' };
  await recorder.call(id, { params });
  return recorder.seen;
};

const health = { status: 'ok', service: 'upload' };
const refused = { code: 'TOKEN_INVALID', message: 'no', requestId: 'r' };
const bearer = { 'www-authenticate': 'Bearer' };

describe('the recorder', () => {
  it('takes an answer that the document has', async () => {
    await expect(record('health', { body: health })).resolves.toEqual([{ id: 'health', status: 200, code: undefined }]);
    await expect(record('getUpload', { status: 401, headers: bearer, body: refused })).resolves.toEqual([
      { id: 'getUpload', status: 401, code: 'TOKEN_INVALID' },
    ]);
  });

  it.each<[string, string, Given, RegExp]>([
    ['a status that is not documented', 'health', { status: 202, body: health }, /a status that is not documented/],
    ['one field too many', 'health', { body: { ...health, bucket: 'b' } }, /must NOT have additional properties/],
    ['a field too few', 'health', { body: { status: 'ok' } }, /required property 'service'/],
    ['another value', 'health', { body: { ...health, status: 'fine' } }, /\/status must be equal to constant/],
    ['a body of another type', 'health', { headers: { 'content-type': 'text/html' }, body: health }, /content type/],
    ['no body', 'health', {}, /\/ must be object/],
    ['a header that is not documented', 'health', { headers: { server: 'x' }, body: health }, /header server is not/],
    ['a header too few', 'getUpload', { status: 401, body: refused }, /WWW-Authenticate is missing/],
    [
      'a code that this route does not have',
      'getUpload',
      { status: 401, headers: bearer, body: { ...refused, code: 'FORBIDDEN' } },
      /\/code must be equal to one of/,
    ],
  ])('refuses %s', async (_what, id, given, complaint) => {
    await expect(record(id, given)).rejects.toThrow(complaint);
  });
});
