import type { PublicImage } from '@darkroom/types/api';
import { make } from './dom.ts';
import { bytes, counted, timesSmaller } from './words.ts';

type Rendition = PublicImage['variants'][number];

const pixelsOf = ({ width, height }: Pick<Rendition, 'width' | 'height'>): number => width * height;

/** The rendition that stands for the image: the widest AVIF of normal quality, else the widest of all. Undefined without any. */
export const widest = (variants: readonly Rendition[]): Rendition | undefined => {
  const byWidth = [...variants].sort((a, b) => pixelsOf(b) - pixelsOf(a));
  return byWidth.find(({ format, tier }) => format === 'avif' && tier === 'n') ?? byWidth[0];
};

/** `7 renditions · 1.3 MB → 38 kB as AVIF, 34× smaller`. */
export const renditionsSummary = ({ bytes: original, variants }: PublicImage): string => {
  const shown = widest(variants);
  const count = counted(variants.length, 'rendition');
  if (shown === undefined) return count;
  const times = timesSmaller(original, shown.bytes);
  const gain = times === null ? '' : `, ${times} smaller`;
  return `${count} · ${bytes(original)} → ${bytes(shown.bytes)} as ${shown.format.toUpperCase()}${gain}`;
};

const TIER_WORDS: Readonly<Record<Rendition['tier'], string>> = { n: '', l: ', low', s: ', square' };

const cell = (...children: (Node | string)[]): HTMLTableCellElement => make('td', '', ...children);

const row = (original: number, rendition: Rendition): HTMLTableRowElement => {
  const link = make('a', '', rendition.format.toUpperCase());
  link.href = rendition.url;
  const words = ` ${rendition.family}${TIER_WORDS[rendition.tier]}`;
  return make(
    'tr',
    '',
    cell(link, words),
    cell(`${rendition.width} × ${rendition.height}`),
    cell(bytes(rendition.bytes)),
    cell(timesSmaller(original, rendition.bytes) ?? '–'),
  );
};

/** The rows of the table of renditions, widest first: format and purpose, pixels, bytes, how many times smaller than the original. */
export const renditionRows = (image: PublicImage): HTMLTableRowElement[] =>
  [...image.variants].sort((a, b) => pixelsOf(b) - pixelsOf(a)).map((rendition) => row(image.bytes, rendition));

/** The one address of an image at a width; the edge picks the format. `low` asks for the low tier. */
export const addressAt = (url: string, width: number, low: boolean): string => `${url}?w=${width}${low ? '&t=l' : ''}`;

/** The address of an image's square of at least so many pixels, cut around its focal point; 640 is the most that there is. */
export const squareAt = (url: string, width: number): string => `${url}?w=${width}&t=s`;

/** A picture that did not come, on a link that drops, is asked for again after so many milliseconds, then after twice as many. */
const FIRST_RETRY_MS = 1000;
const RETRIES = 4;

/** Sets an image's sources at the given widths, in pixels; a screen of double density takes the wider one. */
export const setSources = (
  picture: HTMLImageElement,
  url: string,
  how: { widths: readonly number[]; sizes: string; low: boolean },
): void => {
  const [first = 320] = how.widths;
  let retries = 0;
  const set = (): void => {
    picture.srcset = how.widths.map((width) => `${addressAt(url, width, how.low)} ${width}w`).join(', ');
    picture.sizes = how.sizes;
    picture.src = addressAt(url, first, how.low);
  };
  picture.onerror = () => {
    if (retries === RETRIES) return;
    const asked = picture.src;
    // By then another address may have been set.
    setTimeout(() => picture.src === asked && set(), FIRST_RETRY_MS * 2 ** retries);
    retries += 1;
  };
  set();
};
