import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import root from '../../package.json' with { type: 'json' };
import { type Route, routes } from '../../packages/types/src/routes.ts';
import { collectComponents } from './components.ts';
import { examples, type RouteExample } from './examples.ts';
import { type Json, reachable } from './json-schema.ts';
import { operationOf } from './operation.ts';
import { shareErrors } from './shared-answers.ts';

/** Where the document is kept. */
export const documentPath = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

const DESCRIPTION = `Uploads that survive a bad link, and the catalogue of what became of them.

Errors are \`{ code, message, requestId }\`. Programs compare \`code\`; \`message\` is one sentence for people.
Besides these answers, the gateway in front has its own, \`{ "message" }\`: 404 for a path that is no route, 413 for a body above
its limit, 429, 500 and 503 when a function is throttled, fails or takes more than 30 seconds.`;

const TAGS = [
  { name: 'uploads', description: 'One upload token an image; bytes go straight to storage by signed addresses.' },
  { name: 'images', description: 'The catalogue.' },
  { name: 'uppy', description: "The S3 contract of Uppy's Companion, for @uppy/aws-s3 4, 5 and 6 as they are." },
  { name: 'files', description: "tus 1.0 and the IETF's resumable uploads, for their clients as they are." },
  { name: 'health', description: 'For whoever watches.' },
];

const SERVERS = [
  { url: 'http://127.0.0.1:4567', description: '`npm start`' },
  {
    url: 'https://{host}',
    description: 'Deployed: uploads and images each have a host of their own.',
    variables: {
      host: {
        default: 'upload.example.com',
        description:
          'As the SSM parameters `/{stage}/darkroom/upload/api-url` and `/{stage}/darkroom/metadata/api-url` say.',
      },
    },
  },
];

const SECURITY_SCHEMES = {
  accessToken: { type: 'http', scheme: 'bearer', description: 'Access token with the scope that is named.' },
  uploadToken: { type: 'http', scheme: 'bearer', description: '`uploadToken` of the answer to `POST /uploads`.' },
};

const NO_EXAMPLE: RouteExample = { answers: {} };

const pathsOf = (all: readonly Route[], operation: (route: Route) => Json): Record<string, Json> => {
  const paths: Record<string, Json> = {};
  for (const route of all) {
    const operations = paths[route.path] ?? {};
    paths[route.path] = { ...operations, [route.method.toLowerCase()]: operation(route) };
  }
  return paths;
};

/** The OpenAPI 3.1 document of all public routes. */
export const openApiDocument = (): Json => {
  const components = collectComponents();
  const whole = pathsOf(routes, (route) => operationOf(route, components, examples[route.id] ?? NO_EXAMPLE));
  const { paths, responses } = shareErrors(whole);
  const { version, license } = root;
  return {
    openapi: '3.1.1',
    info: {
      title: 'Darkroom',
      version,
      description: DESCRIPTION,
      license: { name: license, identifier: license },
    },
    servers: SERVERS,
    tags: TAGS,
    paths,
    components: { schemas: reachable(whole, components.schemas), responses, securitySchemes: SECURITY_SCHEMES },
  };
};

const biome = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url));

/** The document as it stands in the repository: in the format that the linter asks for. */
export const openApiText = (): string =>
  execFileSync(biome, ['format', `--stdin-file-path=${documentPath}`], {
    input: JSON.stringify(openApiDocument(), null, 2),
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
  });
