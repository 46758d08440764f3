import { createTokenSource, endOf, loadConfig } from './config.ts';

const tokenUntil = (seconds: number): string => `${btoa(JSON.stringify({ exp: seconds }))}.mac`;
const answering =
  (body: unknown, status = 200): typeof fetch =>
  async () =>
    new Response(JSON.stringify(body), { status });

describe('the configuration of the page', () => {
  it('takes the API without a slash at its end', async () => {
    const config = await loadConfig(
      'http://page/config.json',
      answering({ api: 'http://api.test/', token: 't', cdn: 'x' }),
    );
    expect(config).toEqual({ api: 'http://api.test', token: 't' });
  });

  it.each([
    ['an answer of 404', answering({}, 404), /given no configuration/],
    ['a wrong shape', answering({ api: 'nowhere', token: 't' }), /expected "api" and "token"/],
    ['no answer', async () => Promise.reject(new TypeError('failed to fetch')), /does not answer/],
  ])('says in a sentence what is wrong with %s', async (_name, fetcher, words) => {
    await expect(loadConfig('http://page/config.json', fetcher)).rejects.toThrow(words);
  });
});

describe('the token of the page', () => {
  it('is used as long as it lives, then asked for again', async () => {
    let now = 0;
    let loads = 0;
    const first = { api: 'http://api.test', token: tokenUntil(1000) };
    const reload = async () => {
      loads += 1;
      return { api: 'http://api.test', token: tokenUntil(5000) };
    };
    const tokens = createTokenSource(first, reload, () => now);
    expect(await tokens.get()).toBe(first.token);
    now = 950_000;
    expect(await tokens.get()).toBe(tokenUntil(5000));
    expect(await tokens.get()).toBe(tokenUntil(5000));
    expect(loads).toBe(1);
    tokens.drop();
    await tokens.get();
    expect(loads).toBe(2);
  });

  it('that says no end has none', () => {
    expect(endOf('opaque')).toBe(Infinity);
    expect(endOf(tokenUntil(7))).toBe(7000);
  });
});
