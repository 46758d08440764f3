import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  AlphaAction,
  ColorProfile,
  ColorSpace,
  FilterType,
  type IMagickImage,
  ImageMagick,
  initializeImageMagick,
  MagickColor,
  MagickFormat,
  MagickGeometry,
  MagickReadSettings,
  RenderingIntent,
} from '@imagemagick/magick-wasm';
import { rgbProfile, spaces, srgbCurve } from './icc.ts';

const wasm = createRequire(import.meta.url).resolve('@imagemagick/magick-wasm/magick.wasm');
await initializeImageMagick(new WebAssembly.Module(readFileSync(wasm)));

/** Spaces that colours are compared in: what screens show, and one that holds what wide profiles hold beyond it. */
export type Space = 'srgb' | 'wide';
const targets: Readonly<Record<Space, ColorProfile>> = {
  srgb: new ColorProfile(rgbProfile(spaces.srgb, srgbCurve)),
  wide: new ColorProfile(rgbProfile(spaces.proPhoto, srgbCurve)),
};

/** A picture as seen by ImageMagick: in WebAssembly, with its own libjpeg, libpng, libwebp, libheif and Little CMS. */
export interface Seen {
  /** Sides upright, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  readonly hasProfile: boolean;
  /** `side` × `side` pixels, three bytes each. */
  readonly pixels: Uint8Array;
}

export interface SeeOptions {
  readonly space: Space;
  /** `#rrggbb` behind what is transparent, in the numbers of the space. */
  readonly background: string;
  readonly side: number;
  /** How the colours are meant where the file says nothing. */
  readonly untagged?: Buffer | undefined;
  /** Where the middle of a square is wanted, in shares of the sides: only the largest square there is seen. */
  readonly squareAt?: { readonly x: number; readonly y: number } | undefined;
}

/** Sides up to which colours are converted before the picture is made smaller, as the order makes no difference beyond. */
const LARGE = 1024;

const fill = (width: number, height: number): MagickGeometry => {
  const geometry = new MagickGeometry(width, height);
  geometry.ignoreAspectRatio = true;
  return geometry;
};

const convert = (image: IMagickImage, { space, untagged }: SeeOptions): void => {
  const own = image.getColorProfile();
  const assumed = untagged === undefined ? undefined : new ColorProfile(untagged);
  image.renderingIntent = RenderingIntent.Perceptual;
  if (own !== null) image.transformColorSpace(own, targets[space]);
  else if (assumed !== undefined) image.transformColorSpace(assumed, targets[space]);
  else {
    if (image.colorSpace !== ColorSpace.sRGB) image.colorSpace = ColorSpace.sRGB;
    if (space === 'wide') image.transformColorSpace(targets.srgb, targets.wide);
  }
};

const shrink = (image: IMagickImage, width: number, height: number): void =>
  image.resize(fill(width, height), FilterType.Triangle);

/** Leaves the largest square whose middle is as near to a point as it can be. */
const cutSquare = (image: IMagickImage, { x, y }: { readonly x: number; readonly y: number }): void => {
  const { width, height } = image;
  const side = Math.min(width, height);
  const from = (share: number, length: number): number =>
    Math.round(Math.min(length - side, Math.max(0, share * length - side / 2)));
  // A picture that was turned over may still lie aside of its page, which a cut goes by.
  image.resetPage();
  image.crop(new MagickGeometry(from(x, width), from(y, height), side, side));
  image.resetPage();
};

/** Reads the first frame of a file upright, by its own profile, over `background`, at `side` × `side` pixels. */
export const see = (file: Uint8Array, options: SeeOptions): Seen =>
  ImageMagick.read(file, new MagickReadSettings({ frameIndex: 0, frameCount: 1 }), (image) => {
    image.autoOrient();
    const { width, height, hasAlpha } = image;
    const hasProfile = image.getColorProfile() !== null;
    if (options.squareAt !== undefined) cutSquare(image, options.squareAt);
    if (Math.max(image.width, image.height) > LARGE)
      shrink(image, Math.min(image.width, LARGE), Math.min(image.height, LARGE));
    convert(image, options);
    if (hasAlpha) {
      image.backgroundColor = new MagickColor(options.background);
      image.alpha(AlphaAction.Remove);
    }
    shrink(image, options.side, options.side);
    const pixels = image.getPixels((all) => all.toByteArray(0, 0, options.side, options.side, 'RGB'));
    if (pixels === null) throw new Error('expected pixels but received none');
    return { width, height, hasAlpha, hasProfile, pixels };
  });

export interface RawPicture {
  readonly width: number;
  readonly height: number;
  /** Bytes of a pixel in order. */
  readonly channels: 'rgb' | 'rgba' | 'cmyk' | 'gray';
  readonly data: Uint8Array;
}

const raw = { rgb: MagickFormat.Rgb, rgba: MagickFormat.Rgba, cmyk: MagickFormat.Cmyk, gray: MagickFormat.Gray };

export interface WriteOptions {
  readonly quality?: number;
  readonly icc?: Buffer | undefined;
  /** Options of ImageMagick's encoders, by name. */
  readonly defines?: Readonly<Record<string, string>>;
}

/** Writes a file from raw bytes: an encoder that shares nothing with the one under test. */
export const write = (
  { width, height, channels, data }: RawPicture,
  format: MagickFormat,
  { quality = 95, icc, defines = {} }: WriteOptions = {},
): Buffer => {
  const settings = new MagickReadSettings({ format: raw[channels], width, height, depth: 8 });
  return ImageMagick.read(data, settings, (image) => {
    image.quality = quality;
    if (icc !== undefined) image.setProfile(new ColorProfile(icc));
    for (const [name, value] of Object.entries(defines)) image.settings.setDefine(name, value);
    return image.write(format, (bytes) => Buffer.from(bytes));
  });
};
