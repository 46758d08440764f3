import type { ImageMetadata } from '@darkroom/types/image';
import type { Policy } from '@darkroom/types/policies';
import { captureFacts } from './capture.ts';
import { creditFacts } from './credit.ts';
import { exifFacts } from './exif.ts';
import { readIptc } from './iptc.ts';
import { placeOf } from './place.ts';
import { openTiff } from './tiff.ts';
import { readXmp } from './xmp.ts';

/** Blocks of metadata as a decoder finds them in a file, and the orientation that it read. */
export interface Blocks {
  readonly exif: Buffer | undefined;
  readonly iptc: Buffer | undefined;
  readonly xmp: Buffer | undefined;
  readonly orientation: number | undefined;
}

/** Everything that is kept of what a camera or a program wrote into the file. What is not there has no field. Never throws. */
export const writtenFacts = (
  { exif, iptc, xmp, orientation }: Blocks,
  gps: Policy['gps'],
): Pick<ImageMetadata, 'exif' | 'capture' | 'credit' | 'place'> => {
  const tiff = exif === undefined ? undefined : openTiff(exif);
  const properties = xmp === undefined ? new Map() : readXmp(xmp);
  const capture = captureFacts(tiff, properties);
  const credit = creditFacts({ tiff, xmp: properties, iptc: iptc === undefined ? new Map() : readIptc(iptc) });
  const place = placeOf(tiff, gps);
  return {
    exif: exifFacts(tiff, properties, orientation),
    ...(capture && { capture }),
    ...(credit && { credit }),
    ...(place && { place }),
  };
};
