import { ladder, previewWidthOf } from '../../packages/types/src/ladder.ts';
import type { MetadataInput, MetadataResult } from '../../packages/types/src/workflow.ts';
import { type ExtractPorts, extractMetadata } from '../../services/metadata/src/core/extract/extract-metadata.ts';

/** ExtractMetadata as the workflow runs it, on objects that `readObject` has and with places dropped. */
export const extractOffline = (
  ports: Pick<ExtractPorts, 'readObject' | 'tag'>,
  { task, header }: MetadataInput,
): Promise<MetadataResult> =>
  extractMetadata(
    { ...ports, gpsPolicyOf: () => 'drop', ladderRevision: ladder.revision, previewWidth: previewWidthOf(ladder) },
    { task, header },
  );
