/** Controls, direction overrides, private and unassigned characters; not the two joiners, which emoji and Persian need. */
const UNPRINTABLE = /(?:(?![\u200C\u200D])\p{C})+/gu;
const HALF_A_PAIR = /[\uD800-\uDBFF]$/;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes of a text whose encoding nobody names: UTF-8 when they are valid UTF-8, which other text hardly ever is; else Latin-1. */
export const decodeText = (bytes: Uint8Array): string => {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
};

/**
 * Foreign text made fit to be stored and shown: one line, without control characters (hostile EXIF carries terminal codes),
 * well-formed, at most `max` UTF-16 units. Null when nothing is left.
 */
export const cleanText = (text: string | undefined, max: number): string | null => {
  const line = (text ?? '')
    .slice(0, 2 * max)
    .replace(UNPRINTABLE, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  const cut = line.slice(0, max).replace(HALF_A_PAIR, '').trim();
  return cut === '' ? null : cut.toWellFormed();
};
