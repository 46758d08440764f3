import type { Bench } from './bench.ts';
import { padded, put, sendForm } from './uploading.ts';

/** S3's least size of a part that is not the last, in bytes. */
const PART = 5_242_880;

/** Answers of Uppy's contract, in success and in error. */
export const describeCompanion = (bench: Bench): void => {
  const call: Bench['recorder']['call'] = (...args) => bench.recorder.call(...args);
  const open = async (token: string) => {
    const json = { filename: 'Förde.jpg', type: 'image/jpeg', metadata: { album: 'Kiel', stars: 3, place: null } };
    const { body } = await call('companionOpen', { params: { token }, json });
    return { params: { token, uploadId: String(body.uploadId) }, query: { key: String(body.key) } };
  };
  const part = (upload: Awaited<ReturnType<typeof open>>, partNumber: number | string) => ({
    ...upload,
    params: { ...upload.params, partNumber },
  });

  describe("Uppy's contract", () => {
    it('for one form', async () => {
      const token = bench.system.mint();
      const query = { filename: 'a.jpg', type: 'image/jpeg', 'metadata[album]': 'Kiel' };
      const { body } = await call('companionParams', { params: { token }, query });
      await sendForm(body, bench.photo);
    });

    it('for parts', async () => {
      const file = padded(bench.photo, PART + 1_000);
      const upload = await open(bench.system.mint());
      const { body: one } = await call('companionSignPart', part(upload, 1));
      const first = await put(one.url, file.slice(0, PART));
      expect((await call('companionListParts', upload)).body).toMatchObject([{ PartNumber: 1, Size: PART }]);
      const { body: batch } = await call('companionSignBatch', {
        ...upload,
        query: { ...upload.query, partNumbers: '1,2' },
      });
      const incomplete = { parts: [1, 2].map((PartNumber) => ({ PartNumber, ETag: first })) };
      const missing = await call('companionComplete', { ...upload, json: incomplete });
      expect(missing.body.code).toBe('UPLOAD_INCOMPLETE');
      const second = await put(batch.presignedUrls[2], file.slice(PART));
      const json = {
        parts: [
          { PartNumber: 2, ETag: second },
          { PartNumber: 1, ETag: first.replaceAll('"', '') },
        ],
      };
      const once = await call('companionComplete', { ...upload, json });
      const twice = await call('companionComplete', { ...upload, json });
      expect([once.status, twice.body]).toEqual([200, once.body]);
      await call('companionListParts', upload);
    });

    it('for uploads that are given up', async () => {
      const upload = await open(bench.system.mint());
      expect((await call('companionAbort', upload)).body).toEqual({});
      const json = { parts: [{ PartNumber: 1, ETag: 'x' }] };
      expect((await call('companionListParts', upload)).body.code).toBe('UPLOAD_GONE');
      expect((await call('companionComplete', { ...upload, json })).body.code).toBe('UPLOAD_GONE');
    });

    it('for calls that are wrong', async () => {
      const params = { token: bench.system.mint() };
      const upload = await open(params.token);
      const headers = { 'content-type': 'application/json' };
      const query = { ...upload.query, partNumbers: '0' };
      const large = JSON.stringify({ parts: 'x'.repeat(1_000_000), filename: 'x', type: 'image/jpeg' });
      const file = { filename: 'a.txt', type: 'text/plain' };
      const calls: [string, string, Parameters<typeof call>[1]][] = [
        ['INVALID_REQUEST', 'companionSts', { params }],
        ['INVALID_REQUEST', 'companionParams', { params }],
        ['UNSUPPORTED_FORMAT', 'companionParams', { params, query: file }],
        ['INVALID_REQUEST', 'companionOpen', { params, json: {} }],
        ['UNSUPPORTED_FORMAT', 'companionOpen', { params, json: file }],
        ['INVALID_JSON', 'companionOpen', { params, headers, bytes: '{' }],
        ['TOO_MANY_BYTES', 'companionOpen', { params, headers, bytes: large }],
        ['INVALID_REQUEST', 'companionListParts', { params: upload.params }],
        ['INVALID_REQUEST', 'companionSignPart', part(upload, 0)],
        ['INVALID_REQUEST', 'companionSignBatch', { ...upload, query }],
        ['INVALID_JSON', 'companionComplete', { ...upload, headers, bytes: '{' }],
        ['INVALID_REQUEST', 'companionComplete', { ...upload, json: { parts: [] } }],
        ['TOO_MANY_BYTES', 'companionComplete', { ...upload, headers, bytes: large }],
        ['INVALID_REQUEST', 'companionAbort', { params: upload.params }],
      ];
      for (const [code, id, request] of calls)
        expect({ id, code: (await call(id, request)).body.code }).toEqual({ id, code });
      await call('companionAbort', upload);
    });
  });
};
