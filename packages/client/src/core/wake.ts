/** Something that one loop waits for and many wake. A wake with nobody waiting is forgotten: look first, then wait. */
export interface Wake {
  readonly wait: () => Promise<void>;
  readonly notify: () => void;
}

export const createWake = (): Wake => {
  let resolve: (() => void) | undefined;
  let promise: Promise<void> | undefined;
  return {
    wait: () => {
      promise ??= new Promise<void>((done) => {
        resolve = done;
      });
      return promise;
    },
    notify: () => {
      promise = undefined;
      resolve?.();
    },
  };
};
