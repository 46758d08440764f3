/** Upright pixels in sRGB: three bytes each (R, G, B), row by row, no alpha. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Throws RangeError unless the bytes are those of a picture of that size. */
export const checkPixels = ({ data, width, height }: Pixels, wanted: Size): void => {
  if (width !== wanted.width || height !== wanted.height)
    throw new RangeError(
      `expected ${wanted.width} × ${wanted.height} pixels for the model but received ${width} × ${height}`,
    );
  const bytes = width * height * 3;
  if (data.length !== bytes) throw new RangeError(`expected ${bytes} bytes of pixels but received ${data.length}`);
};
