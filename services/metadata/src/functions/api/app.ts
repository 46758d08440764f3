import { type Authenticator, createHttpApp, type HttpEnv, parseRequest, readJson } from '@darkroom/runtime/http';
import type { Logger } from '@darkroom/runtime/observability';
import { listImagesQuerySchema, reviewRequestSchema, similarImagesQuerySchema } from '@darkroom/types/api';
import { imageIdSchema } from '@darkroom/types/ids';
import type { Hono } from 'hono';
import { deleteImage, type DeletePorts } from '../../core/delete-image.ts';
import { listImages, type ListPorts } from '../../core/list-images.ts';
import { publicImage } from '../../core/public-image.ts';
import { reviewImage, type ReviewPorts } from '../../core/review-image.ts';
import { similarImages, type SimilarPorts } from '../../core/search/similar-images.ts';
import { imageNotFound, isVisible } from '../../core/visibility.ts';

export interface ApiDeps extends ListPorts, SimilarPorts, DeletePorts, ReviewPorts {
  readonly logger: Logger;
  readonly auth: Authenticator;
  /** Without a slash at its end. */
  readonly cdnUrl: string;
}

/** An id as the catalogue knows it. Throws NOT_FOUND for anything else, as for an id that does not exist. */
const knownId = (id: string): string => {
  if (imageIdSchema.safeParse(id).success) return id;
  throw imageNotFound(id);
};

/** Milliseconds since the epoch of what the contract takes for a moment; a date is its first instant in UTC. */
const timeOf = (moment: string | undefined): number | undefined =>
  moment === undefined ? undefined : Date.parse(moment);

/** The REST API of the catalogue. */
export const createApp = (deps: ApiDeps): Hono<HttpEnv> => {
  const { auth, cdnUrl } = deps;
  const app = createHttpApp(deps.logger);

  app.get('/images', async (c) => {
    const viewer = await auth.access(c, 'read');
    const { from, to, ...query } = parseRequest(listImagesQuerySchema, c.req.query(), 'query');
    const search = { ...query, from: timeOf(from), to: timeOf(to) };
    const { images, next } = await listImages(deps, { tenant: viewer.tenant, owner: viewer.owner }, search);
    return c.json({ images: images.map((record) => publicImage(record, cdnUrl)), next });
  });

  app.get('/images/:id/similar', async (c) => {
    const viewer = await auth.access(c, 'read');
    const imageId = knownId(c.req.param('id'));
    const query = parseRequest(similarImagesQuerySchema, c.req.query(), 'query');
    const wanted = { ...query, imageId };
    const { similar, next } = await similarImages(deps, { tenant: viewer.tenant, owner: viewer.owner }, wanted);
    const shown = similar.map(({ distance, record }) => ({ distance, image: publicImage(record, cdnUrl) }));
    return c.json({ similar: shown, next });
  });

  app.get('/images/:id', async (c) => {
    const viewer = await auth.access(c, 'read');
    const imageId = knownId(c.req.param('id'));
    const record = await deps.getImage(imageId);
    if (record === undefined || !isVisible(record, viewer)) throw imageNotFound(imageId);
    return c.json(publicImage(record, cdnUrl, viewer.scopes.includes('review')));
  });

  app.post('/images/:id/review', async (c) => {
    const viewer = await auth.access(c, 'review');
    const imageId = knownId(c.req.param('id'));
    const { decision } = await readJson(c, reviewRequestSchema);
    return c.json(publicImage(await reviewImage(deps, viewer, { imageId, decision }), cdnUrl, true));
  });

  app.delete('/images/:id', async (c) => {
    const viewer = await auth.access(c, 'delete');
    await deleteImage(deps, viewer, knownId(c.req.param('id')));
    return c.body(null, 204);
  });

  return app;
};
