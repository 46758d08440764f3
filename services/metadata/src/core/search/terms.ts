import type { ImageMetadata, ImageRecord } from '@darkroom/types/image';
import type { Viewer } from '../visibility.ts';

/** One entry of the search index: an image under a term. Its term and id are its key, so that writing it again changes nothing. */
export interface Posting {
  readonly term: string;
  readonly imageId: string;
  /** Perceptual hash, under terms that lead to pictures that look alike. */
  readonly hash?: string;
}

/** A distance up to this, of 64 bits, is the same picture in another size, quality or crop of a few pixels; different ones are about 32 apart. */
export const MAX_DISTANCE = 10;
/**
 * Ten bits that differ, spread over six bands, leave a band with one at most (pigeonholes): hashes that are close share a
 * band's value, or one that differs in a bit. Six writes an image, 70 reads a search, which together
 * meet every seventh image (hashes of photographs are less even than chance, which would meet every 22nd).
 */
const BANDS = 6;
const HASH_BITS = 64;

/** How words are compared: without case, width of characters, and stray blanks. */
export const wordOf = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();

/** Names hold neither `#` nor blanks (packages/types, ids.ts). Terms of all of a tenant's images have an empty owner. */
const termOf = ({ tenant, owner }: Viewer, ...rest: readonly (string | number)[]): string =>
  [tenant, owner ?? '', ...rest].join('#');

export const tagTerm = (viewer: Viewer, tag: string): string => termOf(viewer, 'tag', wordOf(tag));
export const cameraTerm = (viewer: Viewer, camera: string): string => termOf(viewer, 'camera', wordOf(camera));
const looksTerm = (viewer: Viewer): string => termOf(viewer, 'looks');
const bandTerm = (viewer: Viewer, band: number, value: string): string => termOf(viewer, 'looks', band, value);

/** What an image is found by: the names of its tags, make and model of its camera. */
export const wordsOf = ({ tags = [], exif }: ImageMetadata): { tags: Set<string>; cameras: Set<string> } => ({
  tags: new Set(tags.map(({ name }) => wordOf(name))),
  cameras: new Set([exif.make, exif.model].filter((name) => name !== null).map(wordOf)),
});

/** Bits of a hash, band by band. Every sixth goes into one band, so that a plain sky, rows of zeros, does not fill a band by itself. */
const bandsOf = (hash: string): string[] => {
  const bits = BigInt(`0x${hash}`).toString(2).padStart(HASH_BITS, '0');
  const every = (band: number) => Array.from(bits).filter((_bit, index) => index % BANDS === band);
  return Array.from({ length: BANDS }, (_, band) => every(band).join(''));
};

const withFlip = (bits: string, at: number): string =>
  bits.slice(0, at) + (bits[at] === '0' ? '1' : '0') + bits.slice(at + 1);

/**
 * Terms under which pictures that look like this one are. For an owner one term with all that are theirs (some thousands, read in
 * pages); for a tenant the bands.
 */
export const looksTerms = (viewer: Viewer, hash: string): string[] =>
  viewer.owner !== null
    ? [looksTerm(viewer)]
    : bandsOf(hash).flatMap((bits, band) =>
        [bits, ...Array.from(bits, (_bit, at) => withFlip(bits, at))].map((value) => bandTerm(viewer, band, value)),
      );

/** Bits in which two hashes differ. */
export const distanceOf = (one: string, other: string): number =>
  (BigInt(`0x${one}`) ^ BigInt(`0x${other}`)).toString(2).replaceAll('0', '').length;

/**
 * Every posting of an image, for its tenant and, when it has one, its owner, since each searches by itself: 6 + 2 w + 1 for
 * w words. None when nothing is known of the picture. Made of the record alone, so that a repeat writes the same.
 */
export const postingsOf = (record: Pick<ImageRecord, 'tenant' | 'owner' | 'imageId' | 'metadata'>): Posting[] => {
  const { tenant, owner, imageId, metadata } = record;
  if (metadata === null) return [];
  const everybody: Viewer = { tenant, owner: null };
  const viewers = owner === null ? [everybody] : [everybody, { tenant, owner }];
  const { tags, cameras } = wordsOf(metadata);
  const hash = metadata.perceptualHash;
  const words = viewers.flatMap((viewer) => [
    ...[...tags].map((tag) => tagTerm(viewer, tag)),
    ...[...cameras].map((camera) => cameraTerm(viewer, camera)),
  ]);
  const looks = [
    ...bandsOf(hash).map((bits, band) => bandTerm(everybody, band, bits)),
    ...(owner === null ? [] : [looksTerm({ tenant, owner })]),
  ];
  return [...words.map((term) => ({ term, imageId })), ...looks.map((term) => ({ term, imageId, hash }))];
};
