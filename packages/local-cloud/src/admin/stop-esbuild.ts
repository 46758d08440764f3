import { createRequire } from 'node:module';

const ENTRY = /[\\/]esbuild[\\/]lib[\\/]main\.js$/;

/**
 * Ends esbuild's helper process where a configuration script (`${file(x.cjs)}`) has started one: it would keep 30 MB and a
 * thread for as long as the system runs. Does not load esbuild.
 */
export async function stopEsbuild(): Promise<void> {
  const { cache } = createRequire(import.meta.url);
  for (const [path, module] of Object.entries(cache)) {
    if (!ENTRY.test(path)) continue;
    const { stop } = module?.exports as { stop?: () => Promise<void> };
    await stop?.();
  }
}
