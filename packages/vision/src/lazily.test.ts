import { lazily } from './lazily.ts';

describe('lazily', () => {
  it('loads once, not before it is asked, for all who ask', async () => {
    let loads = 0;
    const load = lazily(() => Promise.resolve((loads += 1)));

    expect(loads).toBe(0);
    expect(await Promise.all([load(), load()])).toEqual([1, 1]);
    expect(await load()).toBe(1);
  });

  it('tries again after a failure', async () => {
    let loads = 0;
    const load = lazily(() => ((loads += 1) === 1 ? Promise.reject(new Error('no disk')) : Promise.resolve(loads)));

    await expect(load()).rejects.toThrow('no disk');
    await expect(load()).resolves.toBe(2);
  });
});
