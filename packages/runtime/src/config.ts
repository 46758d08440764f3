import type * as z from 'zod';
import { ConfigError, expected } from './errors.ts';

/**
 * Parses the environment of a function with its schema and freezes the answer. Names are those of the environment.
 * Throws ConfigError with one sentence a wrong variable; an empty variable counts as missing (templates leave them empty).
 */
export const loadConfig = <T extends z.ZodObject>(schema: T, env: NodeJS.ProcessEnv): Readonly<z.output<T>> => {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return Object.freeze(result.data);
  const sentences = result.error.issues.map((issue) => {
    const name = issue.path.join('.');
    return expected(issue.message, name, present[name]);
  });
  throw new ConfigError(sentences.join('; '), { cause: result.error });
};
