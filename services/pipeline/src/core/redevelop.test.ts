import type { ImageRecord } from '@darkroom/types/image';
import type { StoreResult } from '@darkroom/types/workflow';
import { developedBy } from '../../test/support/developed.ts';
import { message, nthId, record } from '../../test/support/fixtures.ts';
import { type RedevelopPorts, redevelop } from './redevelop.ts';
import type { RedevelopTask } from './redevelop-plan.ts';

const messageOf = (n: number, messageId = `m${n}`) =>
  message(JSON.stringify({ kind: 'redevelop', imageId: nthId(n) }), { messageId, receiveCount: 2 });

const house = (records: ImageRecord[], changes: Partial<RedevelopPorts> = {}) => {
  const runs: RedevelopTask[][] = [];
  const delays: [string, number][] = [];
  const ports: RedevelopPorts = {
    findImage: (imageId) => Promise.resolve(records.find((one) => one.imageId === imageId)),
    runWorkflow: ({ images }) => {
      runs.push([...images]);
      return Promise.resolve(images.map(({ task }): StoreResult => ({ imageId: task.imageId, status: 'READY' })));
    },
    delay: (handle, seconds) => Promise.resolve(void delays.push([handle, seconds])),
    tell: () => undefined,
    ladderRevision: 2,
    ...changes,
  };
  return { ports, runs, delays };
};
const old = (n: number) => developedBy(1, { imageId: nthId(n) });

describe('redevelop', () => {
  it('runs one execution for the outdated images of a batch and lets all messages go', async () => {
    const { ports, runs, delays } = house([
      old(1),
      developedBy(2, { imageId: nthId(2) }),
      record({ imageId: nthId(3) }),
      old(4),
    ]);
    const batch = [1, 2, 3, 4, 5].map((n) => messageOf(n));
    await expect(redevelop(ports, batch)).resolves.toEqual({ batchItemFailures: [] });
    expect(runs.map((images) => images.map(({ task }) => task.imageId))).toEqual([[nthId(1), nthId(4)]]);
    expect(delays).toEqual([]);
  });

  it('renders an image once that two messages of a batch name', async () => {
    const { ports, runs } = house([old(1)]);
    await redevelop(ports, [messageOf(1, 'a'), messageOf(1, 'b')]);
    expect(runs.map(({ length }) => length)).toEqual([1]);
  });

  it('starts nothing when nothing is to be done', async () => {
    const { ports, runs } = house([]);
    await expect(redevelop(ports, [messageOf(1)])).resolves.toEqual({ batchItemFailures: [] });
    expect(runs).toEqual([]);
  });

  it('gives back what was not brought to an end, later each time', async () => {
    const { ports, delays } = house([old(1), old(2), old(3)], {
      runWorkflow: () =>
        Promise.resolve([
          { imageId: nthId(1), status: 'READY' },
          { imageId: nthId(2), status: 'RETRY' },
        ]),
    });
    await expect(
      redevelop(
        ports,
        [1, 2, 3].map((n) => messageOf(n)),
      ),
    ).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: 'm2' }, { itemIdentifier: 'm3' }],
    });
    expect(delays.map(([, seconds]) => seconds)).toEqual([120, 120]);
  });

  it('gives back what it cannot read or understand, and all of an execution that failed', async () => {
    const { ports } = house([old(1)], {
      runWorkflow: () => Promise.reject(new Error('timed out')),
      delay: () => Promise.reject(new Error('throttled')),
      findImage: (imageId) => (imageId === nthId(2) ? Promise.reject(new Error('malformed')) : Promise.resolve(old(1))),
    });
    const batch = [messageOf(1), messageOf(2), message('{"kind":"redrive"}', { messageId: 'm3' })];
    await expect(redevelop(ports, batch)).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }, { itemIdentifier: 'm3' }],
    });
  });
});
