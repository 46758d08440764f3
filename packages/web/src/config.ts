/** What the page must know of its system. Comes from `config.json` beside the page. */
export interface PageConfig {
  /** Base URL of the APIs, without a slash at its end. */
  readonly api: string;
  /** An access token with the scopes `upload` and `read`. */
  readonly token: string;
}

const asConfig = (value: unknown): PageConfig | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { api, token } = value as Record<string, unknown>;
  if (typeof api !== 'string' || typeof token !== 'string' || !URL.canParse(api)) return undefined;
  return { api: api.replace(/\/+$/, ''), token };
};

/** Reads the configuration. Throws an Error whose message is a sentence for the viewer. */
export const loadConfig = async (url: string, fetcher: typeof fetch = fetch): Promise<PageConfig> => {
  // It holds a token: no cache may keep it.
  const answer = await fetcher(url, { cache: 'no-store' }).catch((cause: unknown) => {
    throw new Error('The system does not answer. Is it running?', { cause });
  });
  if (!answer.ok)
    throw new Error(
      `This page was given no configuration (config.json: ${answer.status}). Open it by its own address.`,
    );
  const config = asConfig(await answer.json().catch(() => undefined));
  if (config !== undefined) return config;
  throw new Error('The configuration of this page is wrong: expected "api" and "token" in config.json.');
};

export interface TokenSource {
  readonly get: () => Promise<string>;
  /** Tells that the token of the moment was refused: the next `get` reads a new one. */
  readonly drop: () => void;
}

/** A token is renewed so long before it ends that a request begun with it still arrives in time. */
const MARGIN_MS = 60_000;

interface Claims {
  readonly exp?: unknown;
}

/** When a token ends, in milliseconds since the epoch; never, when it does not say. */
export const endOf = (token: string): number => {
  try {
    const [body = ''] = token.split('.');
    const { exp } = JSON.parse(atob(body.replace(/-/g, '+').replace(/_/g, '/'))) as Claims;
    return typeof exp === 'number' ? exp * 1000 : Infinity;
  } catch {
    // Another kind of token: the server says when it has ended.
    return Infinity;
  }
};

/** Gives the token that the page came with as long as it lives, then asks for the configuration again. */
export const createTokenSource = (
  first: PageConfig,
  reload: () => Promise<PageConfig>,
  now: () => number,
): TokenSource => {
  let token: string | undefined = first.token;
  return {
    get: async () => {
      if (token === undefined || endOf(token) - MARGIN_MS < now()) token = (await reload()).token;
      return token;
    },
    drop: () => {
      token = undefined;
    },
  };
};
