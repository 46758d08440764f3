import { gunzipSync } from 'node:zlib';
import { type Edge, startEdge } from './support.ts';

let edge: Edge;
beforeEach(async () => {
  edge = await startEdge();
  edge.objects.set('a.avif', { body: '0123456789', headers: { 'content-type': 'image/avif' } });
});

const LOGGING = { Bucket: 'logs.s3.eu-west-1.amazonaws.com', Prefix: 'edge/', IncludeCookies: 'false' };

/** Stops the edge, so that everything is written, and reads its log: one record a line, by field. */
const logged = async (): Promise<Record<string, string>[]> => {
  await edge.stop();
  return edge.logs.flatMap(({ body }) => {
    const [version, fields = '', ...lines] = gunzipSync(body).toString().trimEnd().split('\n');
    expect(version).toBe('#Version: 1.0');
    const names = fields.replace('#Fields: ', '').split(' ');
    return lines.map((line) => {
      const values = line.split('\t');
      expect(values).toHaveLength(names.length);
      return Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));
    });
  });
};

describe('the access log', () => {
  it('has one line a request, with what the viewer asked for and what it got', async () => {
    const rewrite = `function handler(event) { event.request.uri = '/a.avif'; event.request.querystring = {}; return event.request; }`;
    edge.deploy({ config: { Logging: LOGGING }, functions: { 'viewer-request': rewrite } });
    await edge.get('/i/one?w=640', { headers: { 'user-agent': 'Test "1" é%', cookie: 'secret=1' } });
    await edge.get('/i/one?w=640', { headers: { referer: 'https://example.org/a b' } });

    const lines = await logged();

    expect(lines).toMatchObject([
      {
        date: '2026-11-23',
        time: '20:40:00',
        'cs-method': 'GET',
        'cs-uri-stem': '/i/one',
        'cs-uri-query': 'w=640',
        'sc-status': '200',
        'sc-bytes': '10',
        'x-edge-result-type': 'Miss',
        'sc-content-type': 'image/avif',
        'cs(User-Agent)': 'Test%20%221%22%20%C3%A9%25',
        'cs(Cookie)': '-',
        'cs(Referer)': '-',
      },
      { 'x-edge-result-type': 'Hit', 'sc-bytes': '10', 'cs(Referer)': 'https://example.org/a%20b' },
    ]);
    expect(lines[0]?.['x-edge-request-id']).not.toBe(lines[1]?.['x-edge-request-id']);
  });

  it('is a gzipped file named by distribution and hour under the prefix', async () => {
    edge.deploy({ config: { Logging: LOGGING } });
    await edge.get('/a.avif');
    await logged();
    expect(edge.logs).toEqual([
      {
        bucket: 'logs',
        key: expect.stringMatching(/^edge\/ELOCAL\.2026-11-23-20\.[0-9a-f]{8}\.gz$/) as string,
        contentType: 'application/x-gzip',
        body: expect.any(Buffer) as Buffer,
      },
    ]);
  });

  it('logs what was refused, and partial and empty answers, with the bytes that were sent', async () => {
    edge.deploy({ config: { Logging: LOGGING } });
    await edge.get('/a.avif', { headers: { range: 'bytes=0-3' } });
    await edge.get('/a.avif', { method: 'HEAD' });
    await edge.get('/a.avif', { method: 'DELETE' });
    await edge.get('/missing');
    const lines = await logged();
    expect(lines.map((line) => [line['cs-method'], line['sc-status'], line['sc-bytes']])).toEqual([
      ['GET', '206', '4'],
      ['HEAD', '200', '0'],
      ['DELETE', '403', expect.any(String)],
      ['GET', '404', '0'],
    ]);
  });

  it('is not written for a distribution that does not ask for it', async () => {
    edge.deploy();
    await edge.get('/a.avif');
    expect(await logged()).toEqual([]);
  });
});
