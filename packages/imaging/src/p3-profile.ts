import { hardenSharp } from './sharp.ts';

const sharp = hardenSharp();

let profile: Promise<Buffer | undefined> | undefined;

/** The Display P3 profile that libvips brings with it, taken from a picture of one pixel; undefined should it have none. */
export const p3Profile = (): Promise<Buffer | undefined> => {
  profile ??= sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
    .withIccProfile('p3')
    .png()
    .toBuffer()
    .then((pixel) => sharp(pixel).metadata())
    .then(({ icc }) => icc);
  return profile;
};
