import type { UploaderOptions } from '../src/contract.ts';
import { type Asked, type Cloud, type Fault, startCloud } from './support/cloud.ts';
import { randomBytes } from './support/random.ts';
import { holds, send, timesAsked } from './support/upload.ts';

const SMALL = 200_000;
const LARGE = 1_500_000;
const BY_FORM: Partial<UploaderOptions> = { prefer: 'post' };

/** The first so many forms fail in this way. */
const forms =
  (times: number, fault: Fault) =>
  ({ what, index }: Asked, asked: readonly Asked[]): Fault | undefined =>
    what === 'post' && timesAsked(asked.slice(0, index), 'post') < times ? fault : undefined;

describe('an upload by one form', () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  const failing = (choose: ReturnType<typeof forms>): void => {
    cloud.fault = (asked) => choose(asked, cloud.asked);
  };

  it('takes two requests for a small file', async () => {
    const bytes = randomBytes(SMALL);

    const result = await send(cloud, bytes, { prefer: 'auto' });

    expect(cloud.asked.map(({ what }) => what)).toEqual(['create', 'post']);
    expect(holds(cloud, result.imageId, bytes)).toBe(true);
    expect(result).toMatchObject({ size: SMALL, resumed: false });
  });

  it.each([0, 70_000, 700_000])('goes on in chunks when it is cut after %i bytes', async (resetAfter) => {
    failing(forms(9, { resetAfter }));
    const bytes = randomBytes(LARGE);

    const { imageId } = await send(cloud, bytes, BY_FORM);

    expect(holds(cloud, imageId, bytes)).toBe(true);
    expect(timesAsked(cloud.asked, 'create')).toBe(1);
    expect(timesAsked(cloud.asked, 'post')).toBe(1);
    expect(timesAsked(cloud.asked, 'put')).toBeGreaterThan(1);
  });

  it('sends nothing again when only the answer is lost', async () => {
    failing(forms(1, { lostAnswer: true }));
    const bytes = randomBytes(LARGE);

    const { imageId } = await send(cloud, bytes, BY_FORM);

    expect(holds(cloud, imageId, bytes)).toBe(true);
    expect(cloud.asked.map(({ what }) => what)).toEqual(['create', 'post', 'status']);
  });

  it('is tried again when storage is busy and the file is small', async () => {
    failing(forms(2, { status: 503 }));
    const bytes = randomBytes(SMALL);

    const { imageId } = await send(cloud, bytes, BY_FORM);

    expect(holds(cloud, imageId, bytes)).toBe(true);
    expect(cloud.asked.map(({ what }) => what)).toEqual(['create', 'post', 'post', 'post']);
  });

  it.each([
    ['is large', LARGE, 1],
    ['is small but storage stays busy', SMALL, 3],
  ])('goes on in chunks when storage is busy and the file %s', async (_, size, tries) => {
    failing(forms(9, { status: 503 }));
    const bytes = randomBytes(size);

    const { imageId } = await send(cloud, bytes, BY_FORM);

    expect(holds(cloud, imageId, bytes)).toBe(true);
    expect(timesAsked(cloud.asked, 'post')).toBe(tries);
    expect(timesAsked(cloud.asked, 'put')).toBeGreaterThan(0);
  });

  it.each([400, 403, 405])('goes on in chunks when storage refuses it with %i', async (status) => {
    failing(forms(9, { status, body: '<Error><Code>AccessDenied</Code></Error>' }));
    const bytes = randomBytes(SMALL);

    const { imageId } = await send(cloud, bytes, BY_FORM);

    expect(holds(cloud, imageId, bytes)).toBe(true);
    expect(timesAsked(cloud.asked, 'post')).toBe(1);
    expect(timesAsked(cloud.asked, 'put')).toBeGreaterThan(0);
  });
});
