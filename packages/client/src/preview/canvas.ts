// What is used of the browser, as types of its own: this package compiles without the DOM's, and runs in Node where none of it is there.

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly close: () => void;
}

interface Context {
  imageSmoothingQuality: string;
  readonly drawImage: (...imageAndBox: readonly [Bitmap, number, number, number, number]) => void;
  readonly getImageData: (...box: readonly [number, number, number, number]) => {
    readonly data: Uint8ClampedArray<ArrayBuffer>;
  };
}

interface Canvas {
  width: number;
  height: number;
  readonly getContext: (kind: '2d', options?: { willReadFrequently: boolean }) => Context | null;
  /** Of an OffscreenCanvas. */
  readonly convertToBlob?: (options: EncodeAs) => Promise<Blob>;
  /** Of a canvas of the page. */
  readonly toBlob?: (callback: (blob: Blob | null) => void, type: string, quality?: number) => void;
}

interface BitmapOptions {
  readonly imageOrientation?: 'from-image';
  readonly resizeWidth?: number;
  readonly resizeHeight?: number;
  readonly resizeQuality?: 'high' | 'medium';
}

interface Browser {
  readonly createImageBitmap?: (blob: Blob, options: BitmapOptions) => Promise<Bitmap>;
  readonly OffscreenCanvas?: new (width: number, height: number) => Canvas;
  readonly document?: { readonly createElement: (name: 'canvas') => Canvas };
}

export interface EncodeAs {
  /** Media type of the result. */
  readonly type: string;
  /** From 0 to 1, where the type has a quality. */
  readonly quality?: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const browser = globalThis as unknown as Browser;

/** Decodes upright, to `size` where it is given. Null where the browser cannot: no such function, or not a picture it knows. */
export const decode = async (blob: Blob, size: Partial<Size> = {}): Promise<Bitmap | null> => {
  if (browser.createImageBitmap === undefined) return null;
  const { width, height } = size;
  const resize: BitmapOptions = {
    ...(width !== undefined && { resizeWidth: width }),
    ...(height !== undefined && { resizeHeight: height }),
    ...((width ?? height) !== undefined && { resizeQuality: 'high' }),
  };
  try {
    return await browser.createImageBitmap(blob, { imageOrientation: 'from-image', ...resize });
  } catch {
    // Not a picture, or not one this browser decodes: the caller goes on without.
    return null;
  }
};

const createCanvas = ({ width, height }: Size): Canvas | null => {
  if (browser.OffscreenCanvas !== undefined) return new browser.OffscreenCanvas(width, height);
  if (browser.document === undefined) return null;
  return Object.assign(browser.document.createElement('canvas'), { width, height });
};

const draw = (bitmap: Bitmap, size: Size, forReading: boolean): { canvas: Canvas; context: Context } | null => {
  const canvas = createCanvas(size);
  const context = canvas?.getContext('2d', { willReadFrequently: forReading }) ?? null;
  if (canvas === null || context === null) return null;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  return { canvas, context };
};

/** The picture's pixels at `size`, as RGBA rows, or null without a canvas. */
export const pixels = (bitmap: Bitmap, size: Size): Uint8ClampedArray<ArrayBuffer> | null =>
  draw(bitmap, size, true)?.context.getImageData(0, 0, size.width, size.height).data ?? null;

/** The picture at `size` in a file of its own. Null when the browser cannot write that type. */
export const encode = async (bitmap: Bitmap, size: Size, as: EncodeAs): Promise<Blob | null> => {
  const canvas = draw(bitmap, size, false)?.canvas;
  const blob = canvas === undefined ? null : await toBlob(canvas, as);
  // A browser that does not know the type writes PNG instead (HTML standard, canvas.toBlob).
  return blob?.type === as.type ? blob : null;
};

const toBlob = (canvas: Canvas, as: EncodeAs): Promise<Blob | null> => {
  if (canvas.convertToBlob !== undefined) return canvas.convertToBlob(as);
  return new Promise((resolve) => {
    if (canvas.toBlob === undefined) resolve(null);
    else canvas.toBlob(resolve, as.type, as.quality);
  });
};
