/** Lets calls for the same key that overlap share one piece of work: within one process it is done once. */
export const coalesce = <T>(work: (key: string) => Promise<T>): ((key: string) => Promise<T>) => {
  const running = new Map<string, Promise<T>>();
  return (key) => {
    const shared = running.get(key);
    if (shared !== undefined) return shared;
    const started = work(key).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
};
