import { coalesce } from './coalesce.ts';

describe('coalesce', () => {
  it('does work once for calls that overlap, key by key, and again later', async () => {
    const gates: (() => void)[] = [];
    const asked: string[] = [];
    const work = coalesce(async (key: string) => {
      asked.push(key);
      await new Promise<void>((resolve) => gates.push(resolve));
      return `${key} ${asked.length}`;
    });
    const first = [work('a'), work('a'), work('b')];
    for (const open of gates.splice(0)) open();
    await expect(Promise.all(first)).resolves.toEqual(['a 2', 'a 2', 'b 2']);

    const later = work('a');
    for (const open of gates.splice(0)) open();
    await expect(later).resolves.toBe('a 3');
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('shares a failure and does not remember it', async () => {
    let calls = 0;
    const work = coalesce(() => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('lost')) : Promise.resolve(calls);
    });
    const [one, two] = await Promise.allSettled([work('a'), work('a')]);
    expect([one.status, two.status]).toEqual(['rejected', 'rejected']);
    await expect(work('a')).resolves.toBe(2);
  });
});
