import { prices } from '@darkroom/types/prices';
import { IMAGE_ID, VERSION } from '../../test/support/pictures.ts';
import { type CountLogsPorts, countLogs } from './count-logs.ts';

const notification = (...keys: string[]): string =>
  JSON.stringify({
    Records: keys.map((key) => ({
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-11-23T20:40:00.000Z',
      s3: { bucket: { name: 'logs' }, object: { key, size: 1 } },
    })),
  });

const house = (files: Record<string, string[]>) => {
  const counted: Record<string, number> = {};
  const ports: CountLogsPorts = {
    readLog: async function* readLog({ key }) {
      const lines = files[key];
      if (lines === undefined) throw new Error(`no such file: ${key}`);
      yield* lines;
    },
    claimStep: () => Promise.resolve(true),
    countView: (key, { views, bytes }) => {
      counted[key] = (counted[key] ?? 0) + views;
      return Promise.resolve({ views, bytes, isQueued: false });
    },
    sendHot: () => Promise.resolve(),
    markQueued: () => Promise.resolve(),
    prices,
    sample: 1,
    tell: () => undefined,
  };
  return { ports, counted };
};

const key = `v/${IMAGE_ID}/${VERSION}/640-n.avif`;
const FILE = [
  '#Version: 1.0',
  '#Fields: cs-method sc-status sc-content-type sc-bytes cs-uri-stem cs-uri-query x-edge-request-id',
  `GET\t200\timage/avif\t1000\t/${key}\t-\ta`,
  `GET\t200\timage/avif\t1000\t/${key}\t-\tb`,
];

describe('countLogs', () => {
  it('counts every file that a message tells of', async () => {
    const { ports, counted } = house({ 'edge/one.gz': FILE, 'edge/two three.gz': FILE });
    const Records = [{ messageId: 'm1', body: notification('edge/one.gz', 'edge/two+three.gz') }];
    await expect(countLogs(ports, { Records })).resolves.toEqual({ batchItemFailures: [] });
    expect(counted).toEqual({ [key]: 4 });
  });

  it('gives back a message that failed, and no other', async () => {
    const { ports, counted } = house({ 'edge/one.gz': FILE });
    const Records = [
      { messageId: 'm1', body: notification('edge/gone.gz') },
      { messageId: 'm2', body: 'no JSON' },
      { messageId: 'm3', body: '{"Service":"Amazon S3","Event":"s3:TestEvent"}' },
      { messageId: 'm4', body: notification('edge/one.gz') },
    ];
    await expect(countLogs(ports, { Records })).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }],
    });
    expect(counted).toEqual({ [key]: 2 });
  });
});
