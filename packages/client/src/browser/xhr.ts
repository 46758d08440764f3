import type { HttpRequest, HttpResponse, HttpTransport } from '../contract.ts';
import { NetworkError } from '../core/errors.ts';

/** What is used of XMLHttpRequest; `fetch` cannot tell how much of a body has left. */
interface Xhr {
  readonly status: number;
  readonly responseText: string;
  readonly upload: { onprogress: ((event: { readonly loaded: number }) => void) | null };
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  readonly open: (method: string, url: string) => void;
  readonly setRequestHeader: (name: string, value: string) => void;
  readonly getResponseHeader: (name: string) => string | null;
  readonly send: (body: HttpRequest['body']) => void;
  readonly abort: () => void;
}
type XhrClass = new () => Xhr;

/** Sends a request by XMLHttpRequest. Rejects with `NetworkError`, or with the signal's reason. */
export const xhrTransport: HttpTransport = (request) =>
  new Promise<HttpResponse>((resolve, reject) => {
    if (request.signal.aborted) {
      reject(request.signal.reason as Error);
      return;
    }
    const xhr = new (globalThis as unknown as { XMLHttpRequest: XhrClass }).XMLHttpRequest();
    const onAbort = (): void => xhr.abort();
    const end = (settle: () => void) => (): void => {
      request.signal.removeEventListener('abort', onAbort);
      settle();
    };
    xhr.onload = end(() =>
      resolve({ status: xhr.status, text: xhr.responseText, header: (name) => xhr.getResponseHeader(name) }),
    );
    xhr.onerror = end(() => reject(new NetworkError('expected an answer but the connection failed')));
    xhr.onabort = end(() => reject(request.signal.reason as Error));
    request.signal.addEventListener('abort', onAbort, { once: true });
    const { onProgress } = request;
    // A listener on `upload` makes the browser ask for leave first (a CORS preflight), so there is none unless it is wanted.
    if (onProgress !== undefined) xhr.upload.onprogress = (event) => onProgress(event.loaded);
    xhr.open(request.method, request.url);
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value);
    xhr.send(request.body);
  });
