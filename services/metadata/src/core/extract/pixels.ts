/** A small upright preview: four bytes a pixel (R, G, B, A; alpha not premultiplied), sRGB. */
export interface Preview {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Every pixel with some opacity, as numbers. */
export function* visiblePixels({ data }: Preview): Generator<readonly [r: number, g: number, b: number, a: number]> {
  for (let at = 0; at + 3 < data.length; at += 4) {
    const a = data[at + 3] ?? 0;
    if (a > 0) yield [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, a];
  }
}

/** BT.601 luma over white, 0 to 255, of the pixel at an offset. */
export const lumaAt = (data: Uint8Array, at: number): number => {
  const alpha = (data[at + 3] ?? 0) / 255;
  const grey = 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  return grey * alpha + 255 * (1 - alpha);
};

/** Luma of every pixel, row by row, 0 to 255. */
export const lumaPlane = ({ data, width, height }: Preview): Float32Array => {
  const plane = new Float32Array(width * height);
  for (let index = 0; index < plane.length; index += 1) plane[index] = lumaAt(data, 4 * index);
  return plane;
};
