import type { Route } from './model.ts';

/** tus 1.0 and the IETF's resumable uploads, on the same paths. */
export const fileRoutes: readonly Route[] = [];
