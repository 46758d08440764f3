import { companionRoutes } from './routes/companion.ts';
import { fileRoutes } from './routes/files.ts';
import { imageRoutes } from './routes/images.ts';
import type { Route } from './routes/model.ts';
import { uploadRoutes } from './routes/uploads.ts';

export { errorsOf, pathParameters } from './routes/model.ts';
export type { HttpMethod, Route, RouteAnswer, RouteBody, RouteError, RouteToken } from './routes/model.ts';

/**
 * Every public route of the HTTP APIs, once: what docs/openapi.json is made of, and what tests hold the services, their
 * functions.yml and their real answers against. Not part of the index, so that no function carries it.
 */
export const routes: readonly Route[] = [...uploadRoutes, ...imageRoutes, ...companionRoutes, ...fileRoutes];
