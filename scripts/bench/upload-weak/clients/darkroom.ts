import process from 'node:process';
import { createNodeTransport, createNodeUploader, fileSource } from '../../../../packages/client/src/node/index.ts';
import { originalKey } from '../../../../packages/types/src/keys.ts';
import type { CreateClient } from '../protocol.ts';
import { traced } from './trace.ts';

/** A file for a line a request, for those who tune the client. */
const traceTo = process.env['UPLOAD_WEAK_TRACE'];

/** Darkroom's own client as it comes: nothing is set but where and who. */
export const createClient: CreateClient =
  ({ api, token }) =>
  async (file) => {
    const uploader = createNodeUploader({
      api,
      token,
      store: null,
      ...(traceTo !== undefined && { transport: traced(createNodeTransport(), traceTo) }),
    });
    try {
      const { imageId } = await uploader.add(await fileSource(file.path)).done;
      return { kind: 's3', key: originalKey(imageId) };
    } finally {
      uploader.close();
    }
  };
