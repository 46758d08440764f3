import { MagickFormat } from '@imagemagick/magick-wasm';
import sharp from 'sharp';
import { withIcc } from './jpeg.ts';
import { write } from './magick.ts';
import { colourAt, inkOf, samples, SIDES } from './scene.ts';

/**
 * The scene in ink, as programs of Adobe's write it: values turned round (255 is no ink), and the segment that says who did it. Which ink is
 * what colour is for `icc` to say. With `isPositive` it is what somebody reads who does not turn them round.
 */
export const cmykJpeg = async (icc?: Buffer, isPositive = false): Promise<Buffer> => {
  const data = Uint8Array.from(samples(SIDES, (x, y) => colourAt(x, y)));
  const plain = await sharp(data, { raw: { ...SIDES, channels: 3 } })
    .toColourspace('cmyk')
    .negate(isPositive)
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return icc === undefined ? plain : withIcc(plain, icc);
};

/** The same idea in YCCK, which is what ImageMagick writes: the coloured inks as luma and two differences of colour. */
export const ycckJpeg = (icc: Buffer): Buffer => {
  const data = Uint8Array.from(samples(SIDES, (x, y) => inkOf(colourAt(x, y, 0.8))));
  return write({ ...SIDES, channels: 'cmyk', data }, MagickFormat.Jpeg, { icc });
};

/** Where Adobe's segment says what the four components are: 0 is CMYK, 2 is YCCK (TN 5116, section 18). */
const transformAt = (jpeg: Buffer): number => {
  const at = jpeg.indexOf('Adobe', 0, 'latin1');
  if (at < 0) throw new Error('expected a segment of Adobe but found none');
  return at + 11;
};

const withTransform = (jpeg: Buffer, transform: number): Buffer => {
  const copy = Buffer.from(jpeg);
  copy[transformAt(jpeg)] = transform;
  return copy;
};

/** What the file says that its components are. */
export const transformOf = (jpeg: Buffer): number | undefined => jpeg[transformAt(jpeg)];

/** As somebody reads it who takes YCCK for CMYK. */
export const asPlainCmyk = (jpeg: Buffer): Buffer => withTransform(jpeg, 0);

/** The press that libvips assumes where a CMYK file has no profile; its colours are computed from it by somebody else here. */
export const builtInPress = async (): Promise<Buffer> => {
  const black = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } });
  const tagged = await black.toColourspace('cmyk').withIccProfile('cmyk').jpeg().toBuffer();
  const { icc } = await sharp(tagged).metadata();
  if (icc === undefined) throw new Error('expected a profile of CMYK but received none');
  return icc;
};
