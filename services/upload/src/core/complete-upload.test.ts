import { uploadClaims } from '../../test/support/fixtures.ts';
import type { PartsPage } from '../ports.ts';
import { type CompletePorts, completeUpload, missingParts, normaliseParts } from './complete-upload.ts';
import { requireMultipart } from './instructions.ts';
import type { CompletedPart, StoredPart } from './parts.ts';

const upload = requireMultipart(uploadClaims({ size: 25, partSize: 10 }));
const stored: StoredPart[] = [
  { partNumber: 1, etag: 'a', size: 10 },
  { partNumber: 2, etag: 'b', size: 10 },
  { partNumber: 3, etag: 'c', size: 5 },
];
const named = [
  { partNumber: 3, etag: '"c"' },
  { partNumber: 1, etag: 'a' },
  { partNumber: 2, etag: '"b"' },
];

interface Calls {
  completed: (readonly CompletedPart[])[];
  aborted: number;
}

const s3 = (
  pages: PartsPage[] | undefined,
  object?: { etag: string; size: number },
): { ports: CompletePorts; calls: Calls } => {
  const calls: Calls = { completed: [], aborted: 0 };
  const ports: CompletePorts = {
    listParts: (_, after) => Promise.resolve(pages?.find((page) => (page.parts[0]?.partNumber ?? 1) > after)),
    complete: (_, parts) => {
      calls.completed.push(parts);
      return Promise.resolve('whole-3');
    },
    abort: () => {
      calls.aborted += 1;
      return Promise.resolve();
    },
    head: () => Promise.resolve(object),
  };
  return { ports, calls };
};
const onePage = [{ parts: stored, next: null }];

describe('completeUpload', () => {
  it('joins the parts in order, whatever the order and the quotes of the client', async () => {
    const { ports, calls } = s3(onePage);
    await expect(completeUpload(ports, upload, named)).resolves.toBe('whole-3');
    expect(calls.completed).toEqual([
      [
        { partNumber: 1, etag: 'a' },
        { partNumber: 2, etag: 'b' },
        { partNumber: 3, etag: 'c' },
      ],
    ]);
  });

  it('reads every page of the list', async () => {
    const { ports } = s3([
      { parts: stored.slice(0, 2), next: 2 },
      { parts: stored.slice(2), next: null },
    ]);
    await expect(completeUpload(ports, upload, named)).resolves.toBe('whole-3');
  });

  it('names the parts that the client forgot, before it asks S3 anything', async () => {
    const { ports } = s3(undefined);
    const call = completeUpload(ports, upload, [{ partNumber: 2, etag: 'b' }]);
    await expect(call).rejects.toMatchObject({
      code: 'UPLOAD_INCOMPLETE',
      status: 409,
      message: 'parts are missing; send them again: 1, 3',
      details: [
        { path: 'parts.1', message: 'missing' },
        { path: 'parts.3', message: 'missing' },
      ],
    });
  });

  it.each([
    ['is not there', stored.slice(0, 2)],
    ['is short', [...stored.slice(0, 2), { partNumber: 3, etag: 'c', size: 4 }]],
    ['is another one', [...stored.slice(0, 2), { partNumber: 3, etag: 'x', size: 5 }]],
  ])('names a part that S3 says %s, and completes nothing', async (_, parts) => {
    const { ports, calls } = s3([{ parts, next: null }]);
    await expect(completeUpload(ports, upload, named)).rejects.toMatchObject({
      code: 'UPLOAD_INCOMPLETE',
      details: [{ path: 'parts.3', message: 'missing' }],
    });
    expect(calls.completed).toEqual([]);
  });

  it('gives up an upload of more bytes than announced', async () => {
    const { ports, calls } = s3([
      { parts: [...stored.slice(0, 2), { partNumber: 3, etag: 'c', size: 6 }], next: null },
    ]);
    await expect(completeUpload(ports, upload, named)).rejects.toMatchObject({ code: 'TOO_MANY_BYTES', status: 413 });
    expect(calls).toEqual({ completed: [], aborted: 1 });
  });

  it('answers the same again once the object is there', async () => {
    const { ports } = s3(undefined, { etag: 'whole-3', size: 25 });
    await expect(completeUpload(ports, upload, named)).resolves.toBe('whole-3');
  });

  it('answers the same when another call completed it between the listing and here', async () => {
    const { ports } = s3(onePage, { etag: 'whole-3', size: 25 });
    const racing = { ...ports, complete: () => Promise.resolve(undefined) };
    await expect(completeUpload(racing, upload, named)).resolves.toBe('whole-3');
  });

  it.each([
    ['nothing is under its key', undefined],
    ['other bytes are under its key', { etag: 'other', size: 24 }],
  ])('is gone when the upload is unknown and %s', async (_, object) => {
    const { ports } = s3(undefined, object);
    await expect(completeUpload(ports, upload, named)).rejects.toMatchObject({ code: 'UPLOAD_GONE', status: 410 });
  });
});

describe('normaliseParts', () => {
  it('counts the same part named twice once', () => {
    const parts = normaliseParts(upload, [...named, { partNumber: 1, etag: '"a"' }]);
    expect([...parts].sort()).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('refuses two ETags for one part and parts that the plan does not have', () => {
    expect(() => normaliseParts(upload, [...named, { partNumber: 1, etag: 'z' }])).toThrow('one ETag for part 1');
    expect(() => normaliseParts(upload, [{ partNumber: 4, etag: 'd' }])).toThrow('expected part numbers up to 3');
  });
});

describe('missingParts', () => {
  it('is empty when client and S3 agree', () => {
    expect(missingParts(upload, normaliseParts(upload, named), stored)).toEqual([]);
  });
});
