import type { Libheif } from 'libheif-js/libheif-wasm/libheif-bundle.js';

/** Longest error sentence read, in bytes. */
const MAX_TEXT = 200;

/** Bytes of `heif_error`: code, subcode, pointer to the sentence. */
const ERROR_BYTES = 12;

/** An error of libheif, by its own numbers (heif_error.h). */
export class LibheifError extends Error {
  override readonly name = 'LibheifError';
  readonly code: number;
  readonly subcode: number;

  constructor(code: number, subcode: number, message: string) {
    super(message);
    this.code = code;
    this.subcode = subcode;
  }
}

/**
 * One instance of libheif and its memory, little-endian and 32 bit. `out` is a place that functions write one pointer or number to.
 */
export const openMemory = (libheif: Libheif) => {
  const view = (): DataView => new DataView(libheif.HEAPU8.buffer, libheif.HEAPU8.byteOffset, libheif.HEAPU8.length);
  const error = libheif._malloc(ERROR_BYTES);
  const out = libheif._malloc(8);
  const bytes = (at: number, length: number): Buffer => Buffer.from(libheif.HEAPU8.buffer, at, length);
  const sentence = (at: number): string => bytes(at, MAX_TEXT).toString('utf8').split('\0')[0]?.trim() ?? '';
  return {
    out,
    /** A view of the memory itself: valid until it grows. */
    bytes,
    u8: (at: number): number => view().getUint8(at),
    u32: (at: number): number => view().getUint32(at, true),
    setU8: (at: number, value: number): void => view().setUint8(at, value),
    setU64: (at: number, value: number): void => view().setBigUint64(at, BigInt(value), true),
    /** Copies bytes in; answers where they are. */
    put: (data: Uint8Array): number => {
      const at = libheif._malloc(data.length);
      libheif.HEAPU8.set(data, at);
      return at;
    },
    /** Runs a function that answers a `heif_error`. Throws LibheifError. */
    call: (run: (error: number) => void): void => {
      run(error);
      const [code, subcode] = [view().getUint32(error, true), view().getUint32(error + 4, true)];
      if (code !== 0) throw new LibheifError(code, subcode, sentence(view().getUint32(error + 8, true)));
    },
    /** What the last function wrote to `out`. */
    result: (): number => view().getUint32(out, true),
  };
};
export type Memory = ReturnType<typeof openMemory>;
