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
