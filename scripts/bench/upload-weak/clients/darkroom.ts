import { createNodeUploader, fileSource } from '../../../../packages/client/src/node/index.ts';
import { originalKey } from '../../../../packages/types/src/keys.ts';
import type { CreateClient } from '../protocol.ts';

/** Darkroom's own client as it comes: nothing is set but where and who. */
export const createClient: CreateClient =
  ({ api, token }) =>
  async (file) => {
    const uploader = createNodeUploader({ api, token, store: null });
    try {
      const { imageId } = await uploader.add(await fileSource(file.path)).done;
      return { kind: 's3', key: originalKey(imageId) };
    } finally {
      uploader.close();
    }
  };
