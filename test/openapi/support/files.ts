import { createHash } from 'node:crypto';
import type { Bench } from './bench.ts';
import { type Bytes } from './uploading.ts';

const TUS = { 'Tus-Resumable': '1.0.0' };
const DRAFT = { 'Upload-Draft-Interop-Version': '8' };
const BYTES = { 'Content-Type': 'application/offset+octet-stream' };
const PARTIAL = { 'Content-Type': 'application/partial-upload' };

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const METADATA = `filename ${base64('Förde.jpg')},filetype ${base64('image/jpeg')}`;

/** What an id of an upload is in its URL. */
const idOf = (location: string | null): string => decodeURIComponent(location?.split('/').at(-1) ?? '');

/** Answers of tus and of the IETF's draft, in success and in error. */
export const describeFiles = (bench: Bench): void => {
  const call: Bench['recorder']['call'] = (...args) => bench.recorder.call(...args);
  const half = () => Math.floor(bench.photo.length / 2);

  const create = async (headers: Record<string, string>, bytes?: Bytes) => {
    const token = bench.system.mint();
    const sent = await call('createFile', { params: { token }, headers, ...(bytes && { bytes }) });
    return { ...sent, params: { token, id: idOf(sent.headers.get('location')) } };
  };
  const createTus = (size: number, bytes?: Bytes) =>
    create({ ...TUS, 'Upload-Length': String(size), 'Upload-Metadata': METADATA, ...(bytes && BYTES) }, bytes);
  const patch = (params: { token: string; id: string }, offset: number, bytes: Bytes, headers: object = {}) =>
    call('appendFile', {
      params,
      headers: { ...TUS, ...BYTES, 'Upload-Offset': String(offset), ...headers },
      bytes,
    });
  const text = (size: number): Bytes => new TextEncoder().encode('not a photograph '.repeat(size)).slice(0, size);

  describe('tus', () => {
    it('tells what it speaks', async () => {
      await call('filesOptions', { params: { token: bench.system.mint() } });
    });

    it('takes a file in pieces', async () => {
      const { photo } = bench;
      const { params, headers } = await createTus(photo.length, photo.slice(0, half()));
      expect(headers.get('upload-offset')).toBe(String(half()));
      const head = await call('fileOffset', { params, headers: TUS });
      expect(head.headers.get('upload-metadata')).toBe(METADATA);
      const sum = createHash('sha1').update(photo.subarray(half())).digest('base64');
      expect((await patch(params, half(), photo.slice(half()), { 'Upload-Checksum': `sha1 ${sum}` })).status).toBe(204);
      const done = await call('fileOffset', { params, headers: TUS });
      expect(done.headers.get('upload-offset')).toBe(String(photo.length));
      expect((await call('deleteFile', { params, headers: TUS })).body.code).toBe('INVALID_REQUEST');
    });

    it('ends an upload when it is asked to, and when it has no hope', async () => {
      const given = await createTus(1_000);
      expect((await call('deleteFile', { params: given.params, headers: TUS })).status).toBe(204);
      const hopeless = await createTus(200_000);
      expect((await patch(hopeless.params, 0, text(100_000))).status).toBe(422);
      for (const { params } of [given, hopeless]) {
        expect((await call('fileOffset', { params, headers: TUS })).status).toBe(410);
        expect((await patch(params, 0, text(10))).body.code).toBe('UPLOAD_GONE');
        expect((await call('deleteFile', { params, headers: TUS })).body.code).toBe('UPLOAD_GONE');
      }
      expect(
        (await create({ ...TUS, ...BYTES, 'Upload-Length': '10', 'Upload-Metadata': METADATA }, text(10))).status,
      ).toBe(422);
    });

    it('refuses what is wrong', async () => {
      const wrongSum = { 'Upload-Checksum': `sha1 ${base64('x'.repeat(20))}` };
      const { params } = await createTus(200_000);
      const announcements: [number, string, object][] = [
        [400, 'INVALID_REQUEST', { 'Upload-Metadata': METADATA }],
        [400, 'EMPTY_FILE', { 'Upload-Length': '0' }],
        [413, 'TOO_MANY_BYTES', { 'Upload-Length': '1000000000' }],
        [415, 'UNSUPPORTED_FORMAT', { 'Upload-Length': '10', 'Upload-Metadata': `filetype ${base64('text/plain')}` }],
        [412, 'INVALID_REQUEST', { 'Upload-Length': '10', 'Tus-Resumable': '0.2.0' }],
      ];
      for (const [status, code, headers] of announcements)
        expect(await create({ ...TUS, ...headers })).toMatchObject({ status, body: { code } });
      const first = { ...TUS, ...BYTES, ...wrongSum, 'Upload-Length': '10', 'Upload-Metadata': METADATA };
      expect(await create(first, text(10))).toMatchObject({ status: 460, body: { code: 'CHECKSUM_MISMATCH' } });
      const sha256 = `${METADATA},sha256 ${base64('0'.repeat(64))}`;
      const other = { ...TUS, ...BYTES, 'Upload-Length': String(bench.photo.length), 'Upload-Metadata': sha256 };
      expect(await create(other, bench.photo)).toMatchObject({ status: 422, body: { code: 'CHECKSUM_MISMATCH' } });

      const appends: [number, string, number, object, Bytes][] = [
        [409, 'CONFLICT', 5, {}, text(10)],
        [460, 'CHECKSUM_MISMATCH', 0, wrongSum, text(10)],
        [415, 'INVALID_REQUEST', 0, { 'Content-Type': 'text/plain' }, text(10)],
        [412, 'INVALID_REQUEST', 0, { 'Tus-Resumable': '0.2.0' }, text(10)],
        [400, 'INVALID_REQUEST', 0, { 'Upload-Checksum': 'crc32 AAAA' }, text(10)],
        [413, 'TOO_MANY_BYTES', 0, {}, text(4_194_305)],
      ];
      for (const [status, code, offset, headers, bytes] of appends)
        expect(await patch(params, offset, bytes, headers)).toMatchObject({ status, body: { code } });
      const digested = await create({ ...TUS, 'Upload-Length': String(bench.photo.length), 'Upload-Metadata': sha256 });
      expect(await patch(digested.params, 0, bench.photo)).toMatchObject({
        status: 422,
        body: { code: 'CHECKSUM_MISMATCH' },
      });
      const old = { 'Tus-Resumable': '0.2.0' };
      expect((await call('fileOffset', { params, headers: old })).status).toBe(412);
      expect((await call('deleteFile', { params, headers: old })).status).toBe(412);
    });
  });

  describe("the IETF's draft", () => {
    const announce = (size: number) => ({ ...DRAFT, 'Upload-Complete': '?0', 'Upload-Length': String(size) });

    it('takes a file at once and in pieces', async () => {
      const { photo } = bench;
      const whole = await create({ ...DRAFT, 'Upload-Complete': '?1', 'Content-Type': 'image/jpeg' }, photo);
      expect(whole).toMatchObject({ status: 201, body: { imageId: expect.any(String) } });
      const { params } = await create(announce(photo.length));
      const first = await call('appendFile', {
        params,
        headers: { ...DRAFT, ...PARTIAL, 'Upload-Offset': '0', 'Upload-Complete': '?0' },
        bytes: photo.slice(0, half()),
      });
      expect(first.status).toBe(204);
      expect((await call('fileOffset', { params, headers: DRAFT })).headers.get('upload-offset')).toBe(String(half()));
      const rest = await call('appendFile', {
        params,
        headers: { ...DRAFT, ...PARTIAL, 'Upload-Offset': String(half()), 'Upload-Complete': '?1' },
        bytes: photo.slice(half()),
      });
      expect(rest).toMatchObject({ status: 200, body: { imageId: expect.any(String) } });
    });

    it('refuses what is wrong, with problems', async () => {
      const { params } = await create(announce(1_000));
      const append = (headers: object, bytes = text(10)) =>
        call('appendFile', {
          params,
          headers: { ...DRAFT, ...PARTIAL, 'Upload-Offset': '0', 'Upload-Complete': '?0', ...headers },
          bytes,
        });
      expect(await append({ 'Upload-Offset': '7' })).toMatchObject({
        status: 409,
        body: { code: 'CONFLICT', 'expected-offset': 0, 'provided-offset': 7 },
      });
      expect(await append({ 'Upload-Length': '7' })).toMatchObject({
        status: 400,
        body: { type: expect.stringContaining('#inconsistent-upload-length') },
      });
      const digest = { 'Content-Digest': `sha-256=:${createHash('sha256').digest('base64')}:` };
      expect(await append(digest)).toMatchObject({ status: 400, body: { code: 'CHECKSUM_MISMATCH' } });
      expect(await create({ ...announce(1_000), ...digest }, text(10))).toMatchObject({
        status: 400,
        body: { code: 'CHECKSUM_MISMATCH' },
      });
      const version = { 'Upload-Draft-Interop-Version': '3' };
      expect((await call('fileOffset', { params, headers: version })).status).toBe(400);
      expect((await call('deleteFile', { params, headers: DRAFT })).status).toBe(204);
    });
  });
};
