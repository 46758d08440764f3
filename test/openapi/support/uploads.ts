import type { Bench } from './bench.ts';
import { chunksOf, padded, put, sendForm, sha256 } from './uploading.ts';

const PART = 8_388_608;
const UNIT = 65_536;

interface SignedChunk {
  readonly offset: number;
  readonly size: number;
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** Answers of the upload routes, in success and in error. */
export const describeUploads = (bench: Bench): void => {
  const call: Bench['recorder']['call'] = (...args) => bench.recorder.call(...args);
  const announce = async (file: object = {}) => {
    const json = { size: bench.photo.length, contentType: 'image/jpeg', filename: 'Förde.jpg', ...file };
    const { status, body } = await call('createUpload', { bearer: bench.system.mint(), json });
    return { status, body, id: String(body.imageId), bearer: String(body.uploadToken) };
  };
  const ofUpload = (upload: { id: string; bearer: string }) => ({ params: { id: upload.id }, bearer: upload.bearer });
  const sendChunks = async (chunks: readonly SignedChunk[], file = bench.photo) => {
    for (const { offset, size, url, headers } of chunks) await put(url, file.slice(offset, offset + size), headers);
  };

  describe('uploads', () => {
    it('answer that they are there', async () => {
      await call('health');
    });

    it('in one form', async () => {
      const upload = await announce();
      expect(upload.body.upload.kind).toBe('post');
      const { body } = await call('signUpload', ofUpload(upload));
      expect((await call('getUpload', ofUpload(upload))).body.state).toBe('open');
      await sendForm(body.upload, bench.photo);
      expect((await call('getUpload', ofUpload(upload))).body).toMatchObject({ state: 'complete', received: [] });
    });

    it('in parts', async () => {
      const file = padded(bench.photo, PART + 1_000);
      const upload = await announce({ size: file.length, transport: 'multipart' });
      expect(upload.body.upload).toMatchObject({ kind: 'multipart', partCount: 2 });
      const first = await put(upload.body.upload.parts[0].url, file.slice(0, PART));
      const { body: listed } = await call('listParts', { ...ofUpload(upload), query: { after: 0 } });
      expect(listed.parts).toHaveLength(1);
      const missing = await call('completeUpload', {
        ...ofUpload(upload),
        json: { parts: [{ partNumber: 1, etag: first }] },
      });
      expect(missing.body.code).toBe('UPLOAD_INCOMPLETE');
      const { body: signed } = await call('signParts', { ...ofUpload(upload), json: { partNumbers: [2] } });
      const second = await put(signed.parts[0].url, file.slice(PART));
      const parts = [
        { partNumber: 2, etag: second },
        { partNumber: 1, etag: first },
      ];
      const once = await call('completeUpload', { ...ofUpload(upload), json: { parts } });
      const twice = await call('completeUpload', { ...ofUpload(upload), json: { parts } });
      expect([once.status, twice.body]).toEqual([200, once.body]);
      await call('listParts', ofUpload(upload));
    });

    it('in chunks', async () => {
      const orders = chunksOf(bench.photo, UNIT);
      const upload = await announce({ transport: 'chunks', chunks: orders.slice(0, 1) });
      expect(upload.body.upload.kind).toBe('chunks');
      await sendChunks(upload.body.upload.chunks);
      const lost = await call('completeUpload', { ...ofUpload(upload), json: {} });
      expect(lost.body).toMatchObject({ code: 'UPLOAD_INCOMPLETE' });
      expect(lost.body.resend).not.toHaveLength(0);
      const { body: signed } = await call('signChunks', { ...ofUpload(upload), json: { chunks: orders.slice(1) } });
      expect(signed.judged).toBe(true);
      await sendChunks(signed.chunks);
      expect((await call('getUpload', ofUpload(upload))).body.received).toHaveLength(orders.length);
      const mismatch = await call('completeUpload', {
        ...ofUpload(upload),
        json: { chunks: orders.map((order, index) => (index === 1 ? { ...order, sha256: '0'.repeat(64) } : order)) },
      });
      expect(mismatch.body).toMatchObject({ code: 'CHECKSUM_MISMATCH', resend: [{ offset: UNIT, size: UNIT }] });
      const again = await call('signChunks', { ...ofUpload(upload), json: { chunks: orders, judged: true } });
      await sendChunks(again.body.chunks);
      const done = await call('completeUpload', { ...ofUpload(upload), json: { sha256: sha256(bench.photo) } });
      expect(done.status).toBe(200);
      expect((await call('getUpload', ofUpload(upload))).body).toMatchObject({
        state: 'complete',
        etag: done.body.etag,
      });
    });

    it('that are hopeless, or given up', async () => {
      const file = new TextEncoder().encode('this is not a photograph. '.repeat(4_000));
      const orders = chunksOf(file, UNIT);
      const upload = await announce({ size: file.length, transport: 'chunks', chunks: orders.slice(0, 1) });
      await sendChunks(upload.body.upload.chunks, file);
      const verdict = await call('signChunks', { ...ofUpload(upload), json: { chunks: orders.slice(1) } });
      expect(verdict).toMatchObject({ status: 409, body: { code: 'UNSUPPORTED_FORMAT' } });
      expect((await call('deleteUpload', ofUpload(upload))).status).toBe(204);
      expect((await call('getUpload', ofUpload(upload))).body).toMatchObject({ state: 'open', received: [] });
    });

    it('that are asked for wrongly', async () => {
      const codes: string[] = [];
      const refuse = async (...args: Parameters<typeof call>) => {
        const { body } = await call(...args);
        codes.push(body.code);
      };
      for (const file of [{ size: 0 }, { size: 10 ** 9 }, { contentType: 'text/html' }, { size: 'large' }]) {
        const json = { size: 1_000, contentType: 'image/jpeg', ...file };
        await refuse('createUpload', { bearer: bench.system.mint(), json });
      }
      expect(codes.splice(0)).toEqual(['EMPTY_FILE', 'TOO_MANY_BYTES', 'UNSUPPORTED_FORMAT', 'INVALID_REQUEST']);

      const single = await announce();
      const many = await announce({ transport: 'multipart' });
      for (const [id, upload] of [
        ['createUpload', { bearer: bench.system.mint() }],
        ['signParts', ofUpload(many)],
        ['signChunks', ofUpload(single)],
        ['completeUpload', ofUpload(single)],
      ] as const) {
        const headers = { 'content-type': 'application/json' };
        await refuse(id, { ...upload, headers, bytes: '{' });
        await refuse(id, { ...upload, json: { size: 'x', partNumbers: 1, chunks: 1, parts: 1 } });
        await refuse(id, { ...upload, headers, bytes: JSON.stringify('x'.repeat(1_000_000)) });
        expect({ [id]: codes.splice(0) }).toEqual({ [id]: ['INVALID_JSON', 'INVALID_REQUEST', 'TOO_MANY_BYTES'] });
      }
      await refuse('listParts', { ...ofUpload(many), query: { after: -1 } });
      await refuse('listParts', ofUpload(single));
      await refuse('signParts', { ...ofUpload(single), json: { partNumbers: [1] } });
      await refuse('completeUpload', { ...ofUpload(single), json: { parts: [{ partNumber: 1, etag: 'x' }] } });
      expect(codes).toEqual(['INVALID_REQUEST', 'CONFLICT', 'CONFLICT', 'CONFLICT']);
    });
  });
};
