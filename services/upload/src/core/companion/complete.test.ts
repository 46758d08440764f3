import { limits } from '@darkroom/types/limits';
import type { StoredPart } from '../parts.ts';
import { completeCompanionUpload, listCompanionParts } from './complete.ts';
import type { CompanionPorts, CompanionStore } from './uploads.ts';

const MIB = 1_048_576;
const upload = { key: 'originals/aa/x/source', uploadId: 'u' };
const part = (partNumber: number, size = 5 * MIB): StoredPart => ({ partNumber, etag: `e${partNumber}`, size });
const named = (...numbers: number[]) => numbers.map((partNumber) => ({ partNumber, etag: `e${partNumber}` }));

const portsOf = (parts: StoredPart[] | undefined, changes: Partial<CompanionStore> = {}) => {
  const calls: string[] = [];
  const store: CompanionStore = {
    signPost: () => Promise.reject(new Error('not expected')),
    signPart: ({ key }) => Promise.resolve(`https://s3.test/bucket/${key}?X-Amz-Signature=s`),
    open: () => Promise.reject(new Error('not expected')),
    // Two a page, to see that all pages are read.
    listParts: (_, after) => {
      if (parts === undefined) return Promise.resolve(undefined);
      const page = parts.filter(({ partNumber }) => partNumber > after).slice(0, 2);
      const isLast = page.at(-1) === parts.at(-1);
      return Promise.resolve({ parts: page, next: isLast ? null : (page.at(-1)?.partNumber ?? null) });
    },
    complete: (_, completed) => {
      calls.push(`complete ${completed.map(({ partNumber }) => partNumber).join(',')}`);
      return Promise.resolve('whole-3');
    },
    abort: () => {
      calls.push('abort');
      return Promise.resolve();
    },
    head: () => Promise.resolve(undefined),
    ...changes,
  };
  const ports: CompanionPorts = { store, bucket: 'bucket', policy: limits.upload, now: () => 0, newId: () => 'id' };
  return { ports, calls };
};

const answer = { location: 'https://s3.test/bucket/originals/aa/x/source', key: upload.key, bucket: 'bucket' };

describe('completeCompanionUpload', () => {
  it('joins the parts, of all pages, the last one as small as it likes', async () => {
    const { ports, calls } = portsOf([part(1), part(2), part(3, 1)]);
    await expect(completeCompanionUpload(ports, upload, named(1, 2, 3))).resolves.toEqual(answer);
    expect(calls).toEqual(['complete 1,2,3']);
  });

  it('answers the same once the object is there, before the listing or after it', async () => {
    const head = () => Promise.resolve({ etag: 'whole-1', size: 9 });
    const before = portsOf(undefined, { head });
    const after = portsOf([part(1)], { head, complete: () => Promise.resolve(undefined) });
    await expect(completeCompanionUpload(before.ports, upload, named(1))).resolves.toEqual(answer);
    await expect(completeCompanionUpload(after.ports, upload, named(1))).resolves.toEqual(answer);
  });

  it('says when there is neither upload nor object', async () => {
    const { ports } = portsOf(undefined);
    await expect(completeCompanionUpload(ports, upload, named(1))).rejects.toMatchObject({ code: 'UPLOAD_GONE' });
  });

  it('gives up what is larger than the limit, named or not', async () => {
    const { ports, calls } = portsOf([part(1), part(2, limits.upload.maxBytes)]);
    const call = completeCompanionUpload(ports, upload, named(1));
    await expect(call).rejects.toMatchObject({ code: 'TOO_MANY_BYTES', status: 413 });
    expect(calls).toEqual(['abort']);
  });

  it.each([
    ['a gap', named(1, 3), '2'],
    ['a part that S3 does not hold', named(1, 2, 3, 4), '4'],
    ['another ETag', [...named(1, 2), { partNumber: 3, etag: 'other' }], '3'],
  ])('names what is missing: %s', async (_, parts, missing) => {
    const { ports, calls } = portsOf([part(1), part(2), part(3, 1)]);
    await expect(completeCompanionUpload(ports, upload, parts)).rejects.toMatchObject({
      code: 'UPLOAD_INCOMPLETE',
      message: `parts are missing; send them again: ${missing}`,
    });
    expect(calls).toEqual([]);
  });

  it('says which part is smaller than S3 takes', async () => {
    const { ports } = portsOf([part(1, 100), part(2)]);
    await expect(completeCompanionUpload(ports, upload, named(1, 2))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'expected at least 5242880 bytes for every part but the last (part 1) but received 100',
    });
  });
});

describe('listCompanionParts', () => {
  it('lists every page under the names of S3', async () => {
    const lastModified = '2026-11-23T20:40:00.000Z';
    const { ports } = portsOf([part(1), part(2), { ...part(4, 7), lastModified }]);
    await expect(listCompanionParts(ports, upload)).resolves.toEqual([
      { PartNumber: 1, ETag: '"e1"', Size: 5 * MIB },
      { PartNumber: 2, ETag: '"e2"', Size: 5 * MIB },
      { PartNumber: 4, ETag: '"e4"', Size: 7, LastModified: lastModified },
    ]);
  });

  it('tells a client that missed the completion that no part is left to send', async () => {
    const { ports } = portsOf(undefined, { head: () => Promise.resolve({ etag: 'whole-2', size: 9 }) });
    await expect(listCompanionParts(ports, upload)).resolves.toEqual([
      { PartNumber: 1, ETag: '"whole-2"' },
      { PartNumber: 2, ETag: '"whole-2"' },
    ]);
  });

  it('says when there is neither upload nor object', async () => {
    await expect(listCompanionParts(portsOf(undefined).ports, upload)).rejects.toMatchObject({ code: 'UPLOAD_GONE' });
  });
});
