import type { Upload, UploadProgress, UploadResult, UploadSource, Uploader } from '@darkroom/client';

/** One upload whose fate the test decides. */
export interface FakeUpload extends Upload {
  readonly calls: string[];
  readonly tell: (progress: Partial<UploadProgress>) => void;
  readonly succeed: (result?: Partial<UploadResult>) => void;
  readonly fail: (error: Error) => void;
}

export interface FakeUploader extends Uploader {
  readonly uploads: FakeUpload[];
  readonly forgotten: string[];
  closed: boolean;
}

const START: Omit<UploadProgress, 'totalBytes'> = {
  state: 'waiting',
  sentBytes: 0,
  confirmedBytes: 0,
  bytesPerSecond: null,
  secondsLeft: null,
  transport: null,
  wireBytes: 0,
  retries: 0,
};

const createFakeUpload = (source: UploadSource, imageId: string): FakeUpload => {
  const { promise, resolve, reject } = Promise.withResolvers<UploadResult>();
  const listeners = new Set<(progress: UploadProgress) => void>();
  const calls: string[] = [];
  let progress: UploadProgress = { ...START, totalBytes: source.size };
  return {
    source,
    imageId,
    calls,
    get progress() {
      return progress;
    },
    done: promise,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    cancel: async () => {
      calls.push('cancel');
      reject(Object.assign(new Error('cancelled'), { code: 'CANCELLED' }));
    },
    tell: (change) => {
      progress = { ...progress, ...change };
      for (const listener of listeners) listener(progress);
    },
    succeed: (result) =>
      resolve({
        imageId,
        size: source.size,
        sha256: null,
        wireBytes: source.size,
        milliseconds: 1,
        resumed: false,
        ...result,
      }),
    fail: reject,
  };
};

/** The contract of the client without a link: every upload waits until the test says how it ends. */
export const createFakeUploader = (interrupted: readonly string[] = []): FakeUploader => {
  const uploads: FakeUpload[] = [];
  const forgotten: string[] = [];
  return {
    uploads,
    forgotten,
    closed: false,
    add: (source) => {
      const upload = createFakeUpload(source as UploadSource, `image-${uploads.length + 1}`);
      uploads.push(upload);
      return upload;
    },
    interrupted: async () =>
      interrupted.map((fingerprint) => ({
        fingerprint,
        api: 'http://api',
        imageId: 'image-0',
        uploadToken: 'token',
        expiresAt: 0,
        name: null,
        type: 'image/jpeg',
        size: 1,
      })),
    forget: async ({ fingerprint }) => void forgotten.push(fingerprint),
    close() {
      this.closed = true;
    },
  };
};
