import { parseOriginalKey } from '@darkroom/types/keys';

/** An original's key as S3 stores it, and the image it belongs to. */
export interface Original {
  readonly key: string;
  readonly imageId: string;
}

/** Percent-decoded, or undefined when the text is not well-formed percent encoding (`%E0%A4%A`). */
const percentDecoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not an encoding at all: the raw text is the candidate then.
    return undefined;
  }
};

/**
 * The original that a notification's key names, or undefined when it names none. Servers write keys in four ways: form
 * encoding (`+` for a space; AWS), percent encoding (LocalStack), percent encoding with `/` as `%2F` (moto), or raw text,
 * in which `+` and `%` mean themselves (MiniStack). Each reading is tried; keys of originals hold letters, digits and `/`
 * only, so at most one reading is an original's key and none is guessed.
 */
export const decodeKey = (raw: string): Original | undefined => {
  for (const candidate of [percentDecoded(raw.replaceAll('+', ' ')), percentDecoded(raw), raw]) {
    const imageId = candidate === undefined ? undefined : parseOriginalKey(candidate);
    if (candidate !== undefined && imageId !== undefined) return { key: candidate, imageId };
  }
  return undefined;
};
