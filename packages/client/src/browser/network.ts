import type { NetworkHints } from '../contract.ts';

interface Connection {
  readonly effectiveType?: ReturnType<NetworkHints['effectiveType']>;
  readonly saveData?: boolean;
}
interface Browser {
  readonly navigator?: { readonly onLine?: boolean; readonly connection?: Connection };
  readonly addEventListener?: (type: string, listener: () => void) => void;
  readonly removeEventListener?: (type: string, listener: () => void) => void;
}

/** What the browser tells of the network (`navigator.onLine`, Network Information API where there is one). */
export const browserNetwork = (browser: Browser = globalThis): NetworkHints => ({
  online: () => browser.navigator?.onLine ?? true,
  effectiveType: () => browser.navigator?.connection?.effectiveType ?? null,
  saveData: () => browser.navigator?.connection?.saveData ?? false,
  subscribe: (listener) => {
    for (const type of ['online', 'offline']) browser.addEventListener?.(type, listener);
    return () => {
      for (const type of ['online', 'offline']) browser.removeEventListener?.(type, listener);
    };
  },
});
