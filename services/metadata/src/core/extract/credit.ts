import type { Credit } from '@darkroom/types/image';
import type { IptcTexts } from './iptc.ts';
import { cleanText } from './text.ts';
import type { Tiff } from './tiff.ts';
import type { XmpProperty, XmpTexts } from './xmp.ts';

/** IIM 4.2, record 2. */
const OBJECT_NAME = 5;
const KEYWORDS = 25;
const BY_LINE = 80;
const HEADLINE = 105;
const CREDIT = 110;
const COPYRIGHT_NOTICE = 116;
const CAPTION = 120;

/** EXIF 2.32, table 4, and what Windows writes beside it (UTF-16). */
const IMAGE_DESCRIPTION = 0x010e;
const ARTIST = 0x013b;
const COPYRIGHT = 0x8298;
const XP_TITLE = 0x9c9b;
const XP_COMMENT = 0x9c9c;
const XP_AUTHOR = 0x9c9d;
const XP_KEYWORDS = 0x9c9e;

/** Characters kept; the contract's limits. */
const MAX_LINE = 256;
const MAX_CAPTION = 2_000;
const MAX_KEYWORD = 64;
const MAX_KEYWORDS = 32;

/** What cameras write into the description of every picture by themselves. */
const CAMERAS_OWN =
  /^((olympus|minolta|konica minolta|samsung|sanyo|nikon|pentax) digital camera|samsung|kodak digital still camera|sony dsc|dcim\S*|untitled|default)$/i;

export interface CreditSources {
  readonly iptc: IptcTexts;
  readonly xmp: XmpTexts;
  readonly tiff: Tiff | undefined;
}

/** The first candidate of which something is left; null when there is none. */
const firstOf = (max: number, ...candidates: readonly (string | undefined)[]): string | null => {
  for (const candidate of candidates) {
    const clean = cleanText(candidate, max);
    if (clean !== null) return clean;
  }
  return null;
};

/** A caption that a person wrote. */
const captioned = (text: string | undefined): string | undefined =>
  text !== undefined && CAMERAS_OWN.test(text.split('\0', 1)[0]?.trim() ?? '') ? undefined : text;

const joined = (names: readonly string[] | undefined): string | undefined => names?.join(', ');

/** The words of the first source that has any, each once. */
const keywordsOf = (...sources: readonly (readonly string[] | undefined)[]): string[] => {
  for (const source of sources) {
    const words = (source ?? []).map((word) => cleanText(word, MAX_KEYWORD)).filter((word) => word !== null);
    if (words.length > 0) return [...new Set(words)].slice(0, MAX_KEYWORDS);
  }
  return [];
};

/** What EXIF says of it, Windows' own tags included. */
const exifTexts = (tiff: Tiff | undefined) => {
  const ascii = (tag: number) => tiff?.text(tiff.image, tag);
  const wide = (tag: number) => tiff?.bytes(tiff.image, tag)?.toString('utf16le').split('\0', 1)[0];
  return {
    description: ascii(IMAGE_DESCRIPTION),
    artist: ascii(ARTIST),
    copyright: ascii(COPYRIGHT),
    title: wide(XP_TITLE),
    comment: wide(XP_COMMENT),
    author: wide(XP_AUTHOR),
    keywords: wide(XP_KEYWORDS)?.split(';'),
  };
};

/**
 * Whose picture it is and what it shows. Where several say it, IPTC goes before XMP and XMP before EXIF; a field that one
 * leaves empty comes from the next. Undefined when nobody says anything. Never throws.
 */
export const creditFacts = ({ iptc, xmp, tiff }: CreditSources): Credit | undefined => {
  const exif = exifTexts(tiff);
  const iim = (id: number) => iptc.get(id)?.[0];
  const property = (name: XmpProperty) => xmp.get(name)?.[0];
  const captions = [iim(CAPTION), property('description'), exif.description].map(captioned);
  const credit: Credit = {
    title: firstOf(MAX_LINE, iim(OBJECT_NAME), iim(HEADLINE), property('title'), property('headline'), exif.title),
    caption: firstOf(MAX_CAPTION, ...captions, exif.comment),
    creator: firstOf(MAX_LINE, joined(iptc.get(BY_LINE)), joined(xmp.get('creator')), exif.artist, exif.author),
    copyright: firstOf(MAX_LINE, iim(COPYRIGHT_NOTICE), property('rights'), exif.copyright),
    credit: firstOf(MAX_LINE, iim(CREDIT), property('credit')),
    keywords: keywordsOf(iptc.get(KEYWORDS), xmp.get('subject'), exif.keywords),
  };
  const { keywords, ...texts } = credit;
  return keywords.length === 0 && Object.values(texts).every((text) => text === null) ? undefined : credit;
};
