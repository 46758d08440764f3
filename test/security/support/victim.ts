import { signToken } from '../../../packages/runtime/src/tokens.ts';
import { originalKey } from '../../../packages/types/src/keys.ts';
import type { Route } from '../../../packages/types/src/routes.ts';
import type { MultipartClaims, UploadClaims } from '../../../packages/types/src/tokens.ts';
import { examples } from '../../../scripts/openapi/examples.ts';
import type { Call } from '../../openapi/support/recorder.ts';
import type { TestSystem } from '../../support/system.ts';

/** Whose uploads and images the attacks go for. No other word of an answer may contain these names. */
export const TENANT = 'victoria';
export const OWNER = 'vera';

/** Ids that no test ever stores anything under. */
export const IMAGE_ID = '01KASKH1E0Y8W4T2R1Q0P9N8M7';
export const OTHER_ID = '01KASKH1E0Y8W4T2R1Q0P9N8M6';

const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3_600;

/** An upload token as `POST /uploads` gives it to the victim. */
export const uploadClaims = (changes: Partial<UploadClaims> = {}): UploadClaims => ({
  typ: 'upload',
  tenant: TENANT,
  owner: OWNER,
  imageId: IMAGE_ID,
  size: 20_000_000,
  contentType: 'image/jpeg',
  filename: 'private.jpg',
  sha256: null,
  partSize: 8_388_608,
  exp: inAnHour(),
  ...changes,
});

/** The id of a multipart upload that Uppy opened for the victim. */
export const multipartClaims = (changes: Partial<MultipartClaims> = {}): MultipartClaims => ({
  typ: 'multipart',
  tenant: TENANT,
  owner: OWNER,
  imageId: IMAGE_ID,
  uploadId: 'VXBsb2Fk',
  exp: inAnHour(),
  ...changes,
});

/** What in a path names something of the victim's, if anything does. */
export const targetOf = ({ path, token }: Route): 'image' | 'upload' | 'multipart' | 'file' | undefined => {
  if (token.kind === 'upload') return 'upload';
  if (path.includes('{uploadId}')) return 'multipart';
  if (path.startsWith('/u/{token}/files/{id}')) return 'file';
  return path.includes('{id}') ? 'image' : undefined;
};

/** The names in a path that make it about something of the victim's. */
const victimsNames = (route: Route, { secret }: TestSystem): Record<string, string> => {
  switch (targetOf(route)) {
    case 'multipart':
      return { uploadId: signToken(multipartClaims(), secret) };
    case 'file':
      return { id: signToken(uploadClaims(), secret) };
    case 'image':
    case 'upload':
      return { id: IMAGE_ID };
    case undefined:
      return {};
  }
};

/** The example's body in the way that the route takes it. */
const bodyOf = (route: Route, body: unknown): Pick<Call, 'json' | 'bytes'> => {
  if (body === undefined) return {};
  return typeof body === 'string' && route.body?.schema === undefined ? { bytes: body } : { json: body };
};

/** A call of a route that only its token can spoil: the rest is the example of the document, about things of the victim's. */
export const callOf = (route: Route, system: TestSystem): Call => {
  const { params, query, headers, body } = examples[route.id] ?? { answers: {} };
  return {
    params: { ...params, ...victimsNames(route, system) },
    query: { ...query, ...(targetOf(route) === 'multipart' && { key: originalKey(IMAGE_ID) }) },
    ...(headers && { headers }),
    ...bodyOf(route, body),
  };
};
