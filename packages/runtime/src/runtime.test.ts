import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { loadConfig } from './config.ts';
import { ConfigError, expected } from './errors.ts';
import { isTransient, makeHandler } from './handler.ts';
import type { Logger } from './observability.ts';

const logger = {
  resetKeys: () => undefined,
  addContext: () => undefined,
  error: () => undefined,
  info: () => undefined,
} as unknown as Logger;
const context = {} as Context;

describe('loadConfig', () => {
  const schema = z.object({ TABLE: z.string(), SIZE: z.coerce.number().pipe(z.int()).default(5) });

  it('gives typed values and defaults', () => {
    expect(loadConfig(schema, { TABLE: 't' })).toEqual({ TABLE: 't', SIZE: 5 });
  });

  it('treats an empty variable as missing and names it', () => {
    expect(() => loadConfig(schema, { TABLE: '' })).toThrow(ConfigError);
    expect(() => loadConfig(schema, { TABLE: '' })).toThrow(/TABLE/);
  });
});

describe('expected', () => {
  it('is one sentence, and long values are cut', () => {
    expect(expected('a number', 'width', -1)).toBe('expected a number for width but received -1');
    expect(expected('a number', 'width', undefined)).toBe('expected a number for width but received nothing');
    expect(expected('JSON', 'body', 'x'.repeat(500)).length).toBeLessThan(140);
  });
});

describe('makeHandler', () => {
  const input = z.object({ n: z.number() });

  it('runs with the parsed event', async () => {
    const handler = makeHandler({ logger, input, run: ({ n }) => Promise.resolve(n + 1) });
    expect(await handler({ n: 1 }, context)).toBe(2);
  });

  it('refuses an event that does not fit, by a name that no retry matches', async () => {
    const handler = makeHandler({ logger, input, run: () => Promise.resolve(0) });
    await expect(handler({ n: 'x' }, context)).rejects.toThrow(expect.objectContaining({ name: 'InvalidEventError' }));
  });

  it('lets expected errors out as they are and renames what a retry may mend', async () => {
    const throwing = (error: Error) =>
      makeHandler({ logger, input, expectedErrors: ['ImageRejected'], run: () => Promise.reject(error) });
    const rejected = Object.assign(new Error('TOO_LARGE: x'), { name: 'ImageRejected' });
    const throttled = Object.assign(new Error('slow down'), { name: 'SlowDown' });
    const bug = new TypeError('x is not a function');

    await expect(throwing(rejected)({ n: 1 }, context)).rejects.toBe(rejected);
    await expect(throwing(throttled)({ n: 1 }, context)).rejects.toMatchObject({
      name: 'TransientError',
      cause: throttled,
    });
    await expect(throwing(bug)({ n: 1 }, context)).rejects.toBe(bug);
  });
});

describe('isTransient', () => {
  it.each([
    [Object.assign(new Error(), { name: 'ThrottlingException' }), true],
    [Object.assign(new Error(), { $metadata: { httpStatusCode: 503 } }), true],
    [Object.assign(new Error(), { code: 'ECONNRESET' }), true],
    [Object.assign(new Error(), { $metadata: { httpStatusCode: 403 } }), false],
    [new TypeError(), false],
    ['text', false],
  ])('tells %p: %p', (error, transient) => {
    expect(isTransient(error)).toBe(transient);
  });
});
