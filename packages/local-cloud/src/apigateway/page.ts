import { readFile } from 'node:fs/promises';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { jsonAnswer, type HttpAnswer } from './answer.ts';

/** A folder served at `/`, for the paths that no route takes. */
export interface Page {
  readonly dir: string;
  /** Content of `/config.json`, made anew for each request. */
  readonly config: () => object;
}

const TYPES: Readonly<Record<string, string>> = {
  '.avif': 'image/avif',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Absolute path of the file that a request path names, or undefined when it would leave the folder. */
export function safePath(dir: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // A path that does not decode names no file.
    return undefined;
  }
  const root = resolve(dir);
  const hasHiddenPart = decoded.split(/[\\/]/).some((part) => part.startsWith('.'));
  if (decoded.includes('\0') || hasHiddenPart) return undefined;
  const file = join(root, normalize(decoded.endsWith('/') ? `${decoded}index.html` : decoded));
  return file.startsWith(root + sep) ? file : undefined;
}

/** Loopback by the names a browser on this machine uses, with any port. */
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Vite puts a hash of the content into these names, so what is behind one never changes. */
const HASHED = /^\/assets\/[\w.-]+-[\w-]{8}\.\w+$/;
const FOR_EVER = 'public, max-age=31536000, immutable';

/** What a page cannot ask for by a meta element: nobody may frame it (it has buttons that act), no address of it travels on. */
const SAFETY = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/**
 * The page's answer to GET or HEAD; undefined when there is no such file. The configuration holds an access token, so it is
 * given only under a loopback name: a foreign site that points its own name here (DNS rebinding) must not read it.
 */
export async function pageAnswer(page: Page, path: string, host: string): Promise<HttpAnswer | undefined> {
  if (path === '/config.json') {
    if (!LOOPBACK_HOST.test(host)) return undefined;
    const answer = jsonAnswer(200, page.config());
    return { ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' } };
  }
  const file = safePath(page.dir, path);
  const type = file === undefined ? undefined : TYPES[extname(file)];
  if (file === undefined || type === undefined) return undefined;
  const body = await readFile(file).catch(() => undefined);
  if (!body) return undefined;
  const headers = { ...SAFETY, 'content-type': type, 'cache-control': HASHED.test(path) ? FOR_EVER : 'no-cache' };
  return { status: 200, headers, cookies: [], body };
}
