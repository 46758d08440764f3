import { setTimeout as sleep } from 'node:timers/promises';
import { holdBack } from '../../support/hold-back.ts';
import type { Bench } from './bench.ts';
import { type Bytes, sendForm } from './uploading.ts';

/** Answers of the catalogue, in success and in error. */
export const describeImages = (bench: Bench): void => {
  const call: Bench['recorder']['call'] = (...args) => bench.recorder.call(...args);
  const owner = (name: string) => bench.system.mint({ owner: name });

  const send = async (bearer: string, file: Bytes): Promise<string> => {
    const json = { size: file.length, contentType: 'image/jpeg', transport: 'post' };
    const { body } = await call('createUpload', { bearer, json });
    await sendForm(body.upload, file);
    return String(body.imageId);
  };

  /** Asks until the pipeline has come to an end with the image. */
  const ended = async (bearer: string, id: string) => {
    for (;;) {
      const { status, body } = await call('getImage', { bearer, params: { id } });
      if (status === 200 && body.status !== 'PROCESSING') return body;
      await sleep(100);
    }
  };

  describe('images', () => {
    it('that are ready, rejected and deleted', async () => {
      const bearer = owner('ada');
      const ready = await send(bearer, bench.photo);
      const text = new TextEncoder().encode('not a photograph');
      const rejected = await send(bearer, text);
      expect(await ended(bearer, ready)).toMatchObject({ status: 'READY', reason: null, bytes: bench.photo.length });
      expect(await ended(bearer, rejected)).toMatchObject({
        status: 'REJECTED',
        reason: { code: 'UNSUPPORTED_FORMAT' },
        variants: [],
      });

      const first = await call('listImages', { bearer, query: { limit: 1 } });
      const second = await call('listImages', { bearer, query: { limit: 1, cursor: first.body.next } });
      const ids = [first, second].flatMap(({ body }) => body.images.map(({ imageId }: { imageId: string }) => imageId));
      expect(ids.sort()).toEqual([ready, rejected].sort());

      const params = { id: ready };
      const found = await call('listImages', {
        bearer,
        query: { from: '2020-01-01', to: '2100-01-01', camera: 'none' },
      });
      expect(found.body).toEqual({ images: [], next: null });
      const copy = await send(bearer, bench.photo);
      expect(await ended(bearer, copy)).toMatchObject({ status: 'READY' });
      expect((await call('similarImages', { bearer, params })).body).toMatchObject({
        similar: [{ distance: 0, image: { imageId: copy } }],
        next: null,
      });
      expect((await call('deleteImage', { bearer, params })).status).toBe(204);
      expect((await call('getImage', { bearer, params })).body.code).toBe('NOT_FOUND');
    });

    it('that are held back, and decided about', async () => {
      const bearer = owner('carol');
      const params = { id: await send(bearer, bench.photo) };
      await ended(bearer, params.id);
      await holdBack(bench.system.endpoint, params.id);
      expect((await call('getImage', { bearer, params })).body.status).toBe('REVIEW');

      const decide = (json: unknown) => call('reviewImage', { bearer, params, json });
      expect((await decide({ decision: 'perhaps' })).body.code).toBe('INVALID_REQUEST');
      const raw = (bytes: string) => call('reviewImage', { bearer, params, bytes });
      expect((await raw('{')).body.code).toBe('INVALID_JSON');
      expect((await raw(' '.repeat(2_000_000))).body.code).toBe('TOO_MANY_BYTES');
      expect((await decide({ decision: 'reject' })).body).toMatchObject({
        status: 'REJECTED',
        reason: { code: 'NOT_ALLOWED' },
      });
      expect((await decide({ decision: 'approve' })).body.code).toBe('CONFLICT');
    });

    it('that are asked for wrongly', async () => {
      const bearer = owner('bob');
      const params = { id: '01KASKH1E0Y8W4T2R1Q0P9N8M7' };
      for (const query of [{ limit: 0 }, { cursor: 'x' }])
        expect((await call('listImages', { bearer, query })).body.code).toBe('INVALID_REQUEST');
      const cursor = { bearer, params, query: { cursor: 'x' } };
      expect((await call('similarImages', cursor)).body.code).toBe('INVALID_REQUEST');
      for (const id of ['getImage', 'similarImages', 'deleteImage'])
        expect((await call(id, { bearer, params })).body.code).toBe('NOT_FOUND');
      const nobody = await call('reviewImage', { bearer, params, json: { decision: 'approve' } });
      expect(nobody.body.code).toBe('NOT_FOUND');
    });
  });
};
