import { createApp as createImagesApp } from '../../services/metadata/src/functions/api/app.ts';
import { createApp as createUploadsApp } from '../../services/upload/src/functions/api/app.ts';
import { createCompanionApp } from '../../services/upload/src/functions/companion/app.ts';
import { createCompleteApp } from '../../services/upload/src/functions/complete/app.ts';
import { routes } from '../../packages/types/src/routes.ts';

/** An app that is asked for its routes and nothing else; what it is made of is never touched. */
const routesOf = (create: (deps: never) => { routes: readonly { method: string; path: string }[] }): string[] =>
  create({ store: {}, policy: {}, auth: {} } as never)
    .routes.filter(({ method, path }) => method !== 'ALL' || !path.endsWith('*'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);

const documented = (wanted: (path: string) => boolean): string[] =>
  routes
    .filter(({ path }) => wanted(path))
    .map(({ method, path }) => `${method} ${path}`)
    .sort();

// functions.yml leads all of /u/{token}/s3 to one function, so only the app can say what is behind it.
describe('the routes of the apps', () => {
  it.each([
    ['uploads', [...routesOf(createUploadsApp), ...routesOf(createCompleteApp)], /^\/(health|uploads)\b/],
    ['images', routesOf(createImagesApp), /^\/images\b/],
    ["Uppy's contract", routesOf(createCompanionApp), /^\/u\/\{token\}\/s3\//],
  ] as const)('are the routes of the table: %s', (_name, found, prefix) => {
    expect([...new Set(found)].sort()).toEqual(documented((path) => prefix.test(path)));
  });
});
