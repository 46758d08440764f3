import { createHttpApp, type HttpContext } from '@darkroom/runtime/http';
import { DarkroomError, expected } from '@darkroom/runtime/errors';
import type { Logger } from '@darkroom/runtime/observability';
import { BRIEF, FOREVER, LASTING } from '../../core/cache-control.ts';
import type { VariantAnswer } from '../../core/render-variant.ts';

const missing = (c: HttpContext): never => {
  c.header('Cache-Control', BRIEF);
  throw new DarkroomError('NOT_FOUND', expected('the path of a variant that exists', 'the path', c.req.path));
};

/** The HTTP face of renderVariant: `GET /v/{imageId}/{version}/{width}-{tier}.{format}`. */
export const createApp = (logger: Logger, renderVariant: (key: string) => Promise<VariantAnswer>) => {
  const app = createHttpApp(logger);
  app.get('/v/*', async (c) => {
    const answer = await renderVariant(c.req.path.slice(1));
    if (answer.kind === 'missing') return missing(c);
    if (answer.kind === 'redirect') {
      c.header('Cache-Control', LASTING);
      return c.redirect(answer.path, 302);
    }
    return c.body(new Uint8Array(answer.data), 200, {
      'Content-Type': `image/${answer.format}`,
      'Cache-Control': FOREVER,
      'X-Content-Type-Options': 'nosniff',
    });
  });
  return app;
};
