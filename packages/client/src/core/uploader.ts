import type { ResumeRecord, Upload, Uploader, UploaderOptions, UploadSource } from '../contract.ts';
import { createApi } from './api.ts';
import { createGate } from './gate.ts';
import { createLink } from './link.ts';
import { createMeter } from './meter.ts';
import { createPatience } from './patience.ts';
import type { Ports } from './ports.ts';
import { createSession } from './session.ts';
import { fromBlob } from './source.ts';
import { createUpload } from './upload.ts';
import { createWake } from './wake.ts';

/** Files under way at once when the caller does not say: the link is filled by one, the others hide its pauses. */
const FILES = 3;
/** How long giving an interrupted upload up on the server may take, in milliseconds. */
const FORGET_MS = 10_000;

const hintOf = (ports: Ports) => (): 'weak' | 'good' | null => {
  const type = ports.network.effectiveType();
  if (ports.network.saveData()) return 'weak';
  if (type === null) return null;
  return type === '4g' ? 'good' : 'weak';
};

/** Builds an uploader on the given ports; `createUploader` and `createNodeUploader` do so with those of their platform. */
export const createUploaderWith = (options: UploaderOptions, ports: Ports): Uploader => {
  const saving = (): boolean =>
    ports.network.saveData() || ['slow-2g', '2g'].includes(ports.network.effectiveType() ?? '');
  const link = createLink(hintOf(ports));
  const gate = createGate(ports, link, saving);
  const api = createApi(ports, link, options);
  const shared = { ports, link, gate, api };
  const store = options.store ?? null;
  const most = options.files ?? FILES;
  const uploads = new Map<Upload, UploadSource>();
  const wake = createWake();
  const queue: symbol[] = [];
  let running = 0;
  let order = 0;

  const place = async (signal: AbortSignal): Promise<() => void> => {
    const me = Symbol('upload');
    queue.push(me);
    signal.addEventListener('abort', wake.notify, { once: true });
    try {
      while (running >= (saving() ? 1 : most) || queue[0] !== me) {
        signal.throwIfAborted();
        await wake.wait();
      }
      signal.throwIfAborted();
      running += 1;
    } finally {
      queue.splice(queue.indexOf(me), 1);
      signal.removeEventListener('abort', wake.notify);
      wake.notify();
    }
    return () => {
      running -= 1;
      wake.notify();
    };
  };

  const add = (given: UploadSource | Blob): Upload => {
    const source = given instanceof Blob ? fromBlob(given) : given;
    const meter = createMeter(ports, source.size);
    const limit = options.patienceSeconds === undefined ? null : options.patienceSeconds * 1000;
    const patience = createPatience(ports, limit, (offline) => meter.state(offline ? 'offline' : 'uploading'));
    order += 1;
    const session = createSession({ shared, options, store, source, order, meter, patience });
    const upload = createUpload({ source, session, meter, place, onEnd: () => uploads.delete(upload) });
    uploads.set(upload, source);
    return upload;
  };

  const interrupted = async (): Promise<readonly ResumeRecord[]> => {
    const records = (await store?.list()) ?? [];
    const here = new Set([...uploads.values()].map((source) => source.fingerprint));
    return records.filter(
      (record) => record.api === options.api && record.expiresAt > ports.now() && !here.has(record.fingerprint),
    );
  };

  return {
    add,
    interrupted,
    forget: async (record) => {
      await store?.remove(record.fingerprint);
      // What cannot be given up now ends by the bucket's lifecycle rule.
      await api.remove(record, AbortSignal.timeout(FORGET_MS)).catch(() => undefined);
    },
    close: () => {
      for (const upload of uploads.keys()) upload.pause();
      gate.close();
    },
  };
};
