import { inspect } from '../../../packages/imaging/src/header/inspect.ts';
import type { ImageHeader } from '../../../packages/types/src/image.ts';
import { type VariantName, parseVariantKey, variantKey } from '../../../packages/types/src/keys.ts';
import { type Family, ladder } from '../../../packages/types/src/ladder.ts';
import { limits } from '../../../packages/types/src/limits.ts';
import { ImageRejected } from '../../../packages/types/src/rejection.ts';
import type { MetadataResult } from '../../../packages/types/src/workflow.ts';
import { extractOffline } from '../../../scripts/support/extract-offline.ts';
import { imageTask } from '../../../scripts/support/image-task.ts';
import { decodeHeic } from '../../../services/variants/src/adapters/libheif/index.ts';
import { developHeic } from '../../../services/variants/src/core/develop/develop-heic.ts';
import { canonicalName, pictureOf } from '../../../services/variants/src/core/plan.ts';
import { renderFamily } from '../../../services/variants/src/core/render-family.ts';
import { renderOne } from '../../../services/variants/src/core/render-variant.ts';

const families: readonly Family[] = ['thumbnail', 'mobile', 'web'];
/** Widths of which every format and tier is made. */
const WIDTHS = [320, 640];

export interface Made {
  readonly name: VariantName;
  readonly data: Buffer;
}

export interface Developed {
  readonly header: ImageHeader;
  readonly metadata: MetadataResult;
  readonly renditions: readonly Made[];
}

const headerOf = (file: Buffer): ImageHeader => {
  const outcome = inspect(file, file.length, limits.validate);
  if (outcome.kind !== 'header')
    throw new ImageRejected(outcome.kind === 'reject' ? outcome.code : 'TRUNCATED_OR_CORRUPT');
  return outcome.header;
};

/** Names of the files that the ladder can hold at these widths, each once. */
const namesOf = ({
  imageId,
  header,
  metadata,
}: {
  imageId: string;
  header: ImageHeader;
  metadata: MetadataResult;
}): VariantName[] => {
  const picture = pictureOf(ladder, metadata, header);
  const names = WIDTHS.flatMap((width) =>
    ladder.tiers.flatMap((tier) =>
      ladder.formats.map((format) => canonicalName(ladder, picture, { width, tier, format })),
    ),
  );
  const keys = names.map((name) => variantKey({ imageId, version: metadata.version, ...name }));
  return [...new Set(keys)].map(parseVariantKey).filter((name) => name !== undefined);
};

/**
 * Takes a file through what the functions do with it, on memory in place of S3: header, HEIC's stand-in, metadata, the families (the
 * thumbnails from the preview that travels, where there is one), and on demand what else the ladder holds at 320 and 640 pixels; or through one family only. Throws ImageRejected.
 */
export const develop = async (file: Buffer, { only }: { only?: Family | undefined } = {}): Promise<Developed> => {
  const task = imageTask({ key: 'original', bytes: file.length });
  const header = headerOf(file);
  const stored = new Map<string, Buffer>([[task.key, file]]);
  const read = ({ key }: { key: string }): Promise<Buffer> => Promise.resolve(stored.get(key) ?? Buffer.alloc(0));
  const put = (key: string, data: Buffer): Promise<void> => Promise.resolve(void stored.set(key, data));
  if (header.format === 'heic')
    await developHeic(
      {
        readOriginal: read,
        putDeveloped: ({ key }, data) => put(key, data),
        decodeHeic,
        ladder,
        limits: limits.validate,
      },
      { task, header },
    );
  const metadata = await extractOffline({ readObject: read }, { task, header });
  const renditions = new Map<string, Buffer>();
  for (const family of only === undefined ? families : [only])
    await renderFamily(
      { readOriginal: read, ladder, putVariant: (key, data) => Promise.resolve(void renditions.set(key, data)) },
      { task, header, metadata, family },
    );
  const shown = {
    ...task,
    status: 'READY' as const,
    updatedAt: task.uploadedAt,
    terminalAt: null,
    reason: null,
    variants: [],
    header,
    metadata,
  };
  for (const name of only === undefined ? namesOf({ imageId: task.imageId, header, metadata }) : [])
    if (!renditions.has(variantKey(name)))
      renditions.set(variantKey(name), await renderOne({ readOriginal: read, ladder }, shown, name));
  const made = [...renditions].flatMap(([key, data]) => {
    const name = parseVariantKey(key);
    return name === undefined ? [] : [{ name, data }];
  });
  return { header, metadata, renditions: made };
};
