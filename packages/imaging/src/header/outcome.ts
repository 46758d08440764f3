import type { RejectCode } from '@darkroom/types/codes';
import type { ImageHeader } from '@darkroom/types/image';

/**
 * What a header parser answers. `more`: the header goes on behind these bytes; when they are the whole file already, the
 * file is cut off. `header.orientation` is 1 where the format has none.
 */
export type Parsed =
  | { readonly kind: 'header'; readonly header: ImageHeader }
  /** `skip`: a stretch of the file, from `start` up to `end`, that the header does not need and that may be left out. */
  | { readonly kind: 'more'; readonly skip?: { readonly start: number; readonly end: number } }
  | { readonly kind: 'reject'; readonly code: RejectCode };

/** Reads the header of one format from the first bytes of a file of `fileBytes`. */
export type ParseHeader = (bytes: Buffer, fileBytes: number) => Parsed;

export const more: Parsed = { kind: 'more' };
export const reject = (code: RejectCode): Parsed => ({ kind: 'reject', code });

/** A header, unless it names a picture without any pixels. */
export const found = (header: ImageHeader): Parsed =>
  header.width > 0 && header.height > 0 ? { kind: 'header', header } : reject('CORRUPT_HEADER');
