import createLibheif, { type Libheif } from 'libheif-js/libheif-wasm/libheif-bundle.js';
import type { ColourTag, DecodeHeic, HeicPicture } from '../../ports.ts';
import { rejectionOf } from './errors.ts';
import { LibheifError, type Memory, openMemory } from './memory.ts';

// heif_image.h: colour space RGB, eight bits a channel in one plane, and the channel that this plane has.
const RGB = 1;
const INTERLEAVED_RGB = 10;
const INTERLEAVED_RGBA = 11;
const INTERLEAVED = 10;

/** Offset of max_image_size_pixels in `heif_security_limits` (heif_security.h), and of autocorrect_broken_input in `heif_decoding_options`. */
const MAX_PIXELS_AT = 8;
const AUTOCORRECT_AT = 68;
const AUTOCORRECT_SINCE = 9;

/** Larger profiles are for printers, and none is in a photograph. In bytes. */
const MAX_PROFILE_BYTES = 1_048_576;

const readIcc = (libheif: Libheif, memory: Memory, handle: number): Buffer | undefined => {
  const bytes = libheif._heif_image_handle_get_raw_color_profile_size(handle);
  if (bytes === 0 || bytes > MAX_PROFILE_BYTES) return undefined;
  const at = libheif._malloc(bytes);
  memory.call((error) => libheif._heif_image_handle_get_raw_color_profile(error, handle, at));
  return Buffer.from(memory.bytes(at, bytes));
};

const readPrimaries = (libheif: Libheif, memory: Memory, handle: number): number | undefined => {
  try {
    memory.call((error) => libheif._heif_image_handle_get_nclx_color_profile(error, handle, memory.out));
    return memory.u32(memory.result() + 4);
  } catch (error) {
    // No such profile: most files have ICC, or nothing.
    if (error instanceof LibheifError) return undefined;
    throw error;
  }
};

const readColour = (libheif: Libheif, memory: Memory, handle: number): ColourTag => ({
  icc: readIcc(libheif, memory, handle),
  primaries: readPrimaries(libheif, memory, handle),
});

/** Moves rows together that stand at a stride, in place. */
const packRows = (plane: Buffer, stride: number, { row, rows }: { row: number; rows: number }): Buffer => {
  if (stride !== row) for (let y = 1; y < rows; y++) plane.copyWithin(y * row, y * stride, y * stride + row);
  return plane.subarray(0, row * rows);
};

const decode = (file: Buffer, maxPixels: number): HeicPicture => {
  const libheif = createLibheif();
  const memory = openMemory(libheif);
  const context = libheif._heif_context_alloc();
  memory.setU64(libheif._heif_context_get_security_limits(context) + MAX_PIXELS_AT, maxPixels);
  const data = memory.put(file);
  memory.call((error) => libheif._heif_context_read_from_memory_without_copy(error, context, data, file.length, 0));
  memory.call((error) => libheif._heif_context_get_primary_image_handle(error, context, memory.out));
  const handle = memory.result();
  const colour = readColour(libheif, memory, handle);
  const channels = libheif._heif_image_handle_has_alpha_channel(handle) === 0 ? 3 : 4;
  const options = libheif._heif_decoding_options_alloc();
  // Cameras that contradict themselves about the range of their colours.
  if (memory.u8(options) >= AUTOCORRECT_SINCE) memory.setU8(options + AUTOCORRECT_AT, 1);
  const chroma = channels === 3 ? INTERLEAVED_RGB : INTERLEAVED_RGBA;
  memory.call((error) => libheif._heif_decode_image(error, handle, memory.out, RGB, chroma, options));
  const image = memory.result();
  const width = libheif._heif_image_get_width(image, INTERLEAVED);
  const height = libheif._heif_image_get_height(image, INTERLEAVED);
  const plane = libheif._heif_image_get_plane_readonly(image, INTERLEAVED, memory.out);
  const stride = memory.result();
  const pixels = packRows(memory.bytes(plane, stride * height), stride, { row: width * channels, rows: height });
  return { data: pixels, width, height, channels, colour };
};

/**
 * Decodes the primary picture of a HEIC file with libheif, upright and cropped as its properties say, to eight bits a channel
 * in its own colours. Every file gets an instance of its own, whose memory nothing else shares and which is forgotten as a
 * whole with the pixels, which are a view of it. Throws ImageRejected when the file is to blame.
 */
export const decodeHeic: DecodeHeic = (file, maxPixels) => {
  try {
    return decode(file, maxPixels);
  } catch (error) {
    throw rejectionOf(error);
  }
};
