import {
  attachGainMap,
  decoding,
  type GainMap,
  needsOwnProfile,
  openImage,
  openRaster,
  readGainMap,
  tagColour,
} from '@darkroom/imaging';
import { ImageRejected } from '@darkroom/types/rejection';
import type { Rendition, Sides } from './plan.ts';
import type { RenderSource } from './render.ts';

/** Narrower pictures stand in lists, where a glaring one among others disturbs, and the map would weigh a tenth of them. */
const FROM_WIDTH = 960;
/** Most pixels of a map: a quarter of the picture's sides is usual, the whole of them with 12 megapixels the most we have seen. */
const MAX_PIXELS = 25_000_000;
/** Of the map itself. It is a smooth picture, whose steps would show as bands. */
const MAP_QUALITY = 85;

/** EXIF's orientations (2.32, 4.6.5.1) as sharp's operations: mirrored first, turned then. */
const TURNS: Readonly<Record<number, { readonly flop: boolean; readonly degrees: number }>> = {
  2: { flop: true, degrees: 0 },
  3: { flop: false, degrees: 180 },
  4: { flop: true, degrees: 180 },
  5: { flop: true, degrees: 270 },
  6: { flop: false, degrees: 90 },
  7: { flop: true, degrees: 90 },
  8: { flop: false, degrees: 270 },
};

/** True for the files that keep a map: JPEG, the only one of the formats whose map is written here, in the normal tier. */
const holdsGainMap = ({ header, keepGainMap }: RenderSource, { format, tier, pixels }: Rendition): boolean =>
  keepGainMap === true && header.format === 'jpeg' && format === 'jpeg' && tier === 'n' && pixels.width >= FROM_WIDTH;

/** The map upright, as its picture is: it has no orientation of its own. */
const uprightMap = async (map: Buffer, orientation: number) => {
  const open = () => openImage(map, { format: 'jpeg', progressive: false }, { ignoreIcc: true });
  const { channels, width, height, icc } = await open().metadata();
  if (width * height > MAX_PIXELS) return undefined;
  const { flop, degrees } = TURNS[orientation] ?? { flop: false, degrees: 0 };
  const { data, info } = await open()
    .flop(flop)
    .rotate(degrees)
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { icc, raster: { data, width: info.width, height: info.height, channels: info.channels } };
};

/** The map for a rendition: in the proportion that it has to its picture, never enlarged. Run it inside `decoding`. */
const mapFor = async ({ original, header }: RenderSource, { jpeg, iso }: GainMap, pixels: Sides) => {
  const { autoOrient, orientation = 1 } = await openImage(original, header).metadata();
  const upright = await uprightMap(jpeg, orientation);
  if (upright === undefined) return undefined;
  const { raster, icc } = upright;
  const scale = Math.min(1, pixels.width / autoOrient.width);
  const map = await openRaster(raster)
    .resize({
      width: Math.max(1, Math.round(raster.width * scale)),
      height: Math.max(1, Math.round(raster.height * scale)),
      fit: 'fill',
    })
    .toColourspace(raster.channels === 1 ? 'b-w' : 'srgb')
    .jpeg({ quality: MAP_QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return icc !== undefined && needsOwnProfile(iso) ? tagColour(map, 'jpeg', icc) : map;
};

const resized = async (source: RenderSource, gainMap: GainMap, pixels: Sides): Promise<GainMap | undefined> => {
  try {
    const jpeg = await decoding(() => mapFor(source, gainMap, pixels));
    return jpeg && { ...gainMap, jpeg };
  } catch (error) {
    // A map that cannot be decoded costs the picture its map and nothing else.
    if (error instanceof ImageRejected) return undefined;
    throw error;
  }
};

/**
 * A rendition's file with the original's HDR gain map (ISO 21496-1), where it has one and this file keeps it; otherwise the file as it is.
 * Screens that cannot show more, and readers that know nothing of maps, show the picture as before. The map carries no metadata but
 * the numbers by which it is meant.
 */
export const withGainMap = async (source: RenderSource, rendition: Rendition, file: Buffer): Promise<Buffer> => {
  const found = holdsGainMap(source, rendition) ? readGainMap(source.original) : undefined;
  const gainMap = found && (await resized(source, found, rendition.pixels));
  return gainMap === undefined ? file : attachGainMap(file, gainMap);
};
