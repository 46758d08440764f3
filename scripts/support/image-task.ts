import type { ImageTask } from '../../packages/types/src/workflow.ts';

/** The task of an image whose key and bytes alone may matter: what else it says is read by nothing that a script runs. */
export const imageTask = ({ key, bytes = 1 }: { key: string; bytes?: number }): ImageTask => ({
  schemaVersion: 1,
  imageId: '01KAS0V1CZ8Y4W3T2R1Q0P9N8M',
  tenant: 'script',
  owner: null,
  bucket: 'originals',
  key,
  bytes,
  etag: 'e',
  sequencer: '',
  attempt: 1,
  filename: null,
  declaredType: null,
  announcedSha256: null,
  uploadedAt: '2026-11-28T00:00:00.000Z',
});
