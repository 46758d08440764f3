import type { ResumeRecord, Upload, Uploader, UploadProgress, UploadResult, UploadSource } from '@darkroom/client';

/** An upload that does what the test tells it to. */
export interface FakeUpload extends Upload {
  readonly calls: string[];
  readonly move: (change: Partial<UploadProgress>) => void;
  readonly finish: () => void;
  readonly fail: (code: string, message?: string) => void;
}

export interface FakeUploader extends Uploader {
  readonly uploads: FakeUpload[];
  readonly forgotten: string[];
  records: ResumeRecord[];
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

const fakeUpload = (source: UploadSource, imageId: string): FakeUpload => {
  const listeners = new Set<(progress: UploadProgress) => void>();
  const calls: string[] = [];
  let progress: UploadProgress = { ...START, totalBytes: source.size };
  const settle = Promise.withResolvers<UploadResult>();
  settle.promise.catch(() => undefined);
  const move = (change: Partial<UploadProgress>) => {
    progress = { ...progress, ...change };
    for (const listener of listeners) listener(progress);
  };
  return {
    source,
    imageId,
    calls,
    move,
    done: settle.promise,
    get progress() {
      return progress;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pause: () => {
      calls.push('pause');
      move({ state: 'paused' });
    },
    resume: () => {
      calls.push('resume');
      move({ state: 'uploading' });
    },
    cancel: async () => {
      calls.push('cancel');
      settle.reject(Object.assign(new Error('cancelled'), { code: 'CANCELLED' }));
    },
    finish: () => {
      move({ state: 'done', sentBytes: source.size, confirmedBytes: source.size });
      settle.resolve({ imageId, size: source.size, sha256: null, wireBytes: 0, milliseconds: 1, resumed: false });
    },
    fail: (code, message = 'for the test') => {
      move({ state: 'failed' });
      settle.reject(Object.assign(new Error(message), { code }));
    },
  };
};

/** The client's public face without a network behind it. */
export const fakeUploader = (): FakeUploader => {
  const uploads: FakeUpload[] = [];
  const forgotten: string[] = [];
  const fake: FakeUploader = {
    uploads,
    forgotten,
    records: [],
    add: (source) => {
      const upload = fakeUpload(source as UploadSource, `image-${uploads.length + 1}`);
      uploads.push(upload);
      return upload;
    },
    interrupted: async () => fake.records,
    forget: async ({ fingerprint }) => {
      forgotten.push(fingerprint);
      fake.records = fake.records.filter((record) => record.fingerprint !== fingerprint);
    },
    close: () => undefined,
  };
  return fake;
};

export const sourceOf = (name: string, size = 1000): UploadSource => ({
  size,
  name,
  type: 'image/jpeg',
  fingerprint: name,
  read: async (start, end) => new Uint8Array(end - start),
});

export const recordOf = (name: string, blob?: Blob): ResumeRecord => ({
  fingerprint: name,
  api: 'http://api.test',
  imageId: 'image-1',
  uploadToken: 'token',
  expiresAt: 0,
  name,
  type: 'image/jpeg',
  size: 1000,
  ...(blob !== undefined && { blob }),
});
