import { routes } from '../../../packages/types/src/routes.ts';
import { attacksOn } from '../../security/support/attacks.ts';
import type { Bench } from './bench.ts';

/** Answers to tokens that are not good for a route; what they must not do is for test/security. */
export const describeTokens = (bench: Bench): void => {
  describe('bad tokens', () => {
    it.each(routes)('are answered as the document says by $method $path', async (route) => {
      for (const { kind, call, status, code } of attacksOn(route, bench.system)) {
        const reply = await bench.recorder.call(route.id, call);
        const told = route.method === 'HEAD' ? {} : { code: reply.body.code };
        expect({ kind, status: reply.status, ...told }).toEqual({
          kind,
          status,
          ...(route.method === 'HEAD' ? {} : { code }),
        });
      }
    });
  });
};
