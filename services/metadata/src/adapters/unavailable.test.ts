import { TransientError } from '@darkroom/runtime/errors';
import { orUnavailable } from './unavailable.ts';

const failing = (error: Error) => orUnavailable((_id: string) => Promise.reject(error))('x');

describe('orUnavailable', () => {
  it('passes answers and real faults through', async () => {
    await expect(orUnavailable((id: string) => Promise.resolve(id))('x')).resolves.toBe('x');
    await expect(failing(new Error('a bug'))).rejects.toThrow('a bug');
  });

  it.each([
    ['our own transient error', new TransientError('bus')],
    ['throttling', Object.assign(new Error(), { name: 'ProvisionedThroughputExceededException' })],
    ['a lost connection', Object.assign(new Error(), { code: 'ECONNRESET' })],
  ])('tells the client to try again after %s', async (_, error) => {
    await expect(failing(error)).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503, retryAfterSeconds: 1 });
  });
});
