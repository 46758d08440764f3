import ladder from '@darkroom/types/data/ladder.json' with { type: 'json' };
import { qualityOf } from './accept.ts';

/** What a viewer tells about itself. Empty text where a header is missing. */
export interface Viewer {
  /** `Accept`. */
  readonly accept: string;
  /** `Save-Data`: `on` asks for less (W3C Save Data API). */
  readonly saveData: string;
  /** `ECT`, `RTT` (milliseconds), `Downlink` (Mbit/s): Network Information client hints. */
  readonly ect: string;
  readonly rtt: string;
  readonly downlink: string;
  /** `Sec-CH-DPR`: device pixels per CSS pixel. */
  readonly dpr: string;
  /** `Sec-CH-Width`: device pixels of the image; `Sec-CH-Viewport-Width`: CSS pixels of the page. */
  readonly width: string;
  readonly viewportWidth: string;
  /** True on phones: `CloudFront-Is-Mobile-Viewer`, `Sec-CH-UA-Mobile` or the user agent says so. */
  readonly mobile: boolean;
  /** `?w=`: device pixels, as in a srcset's `w` descriptor. `?t=`: `l`, `n` or `s` (square), overrides every hint. */
  readonly askedWidth: string;
  readonly askedTier: string;
}

/** Normal, low, and square, which only those get who ask for it. */
export type Tier = 'n' | 'l' | 's';

export interface Choice {
  readonly width: number;
  readonly tier: Tier;
  readonly format: 'avif' | 'webp' | 'jpeg';
}

/** Slow links, as Cloudflare's slow-connection-quality defines them: the best documented thresholds there are. */
const SLOW_ECT = ['slow-2g', '2g', '3g'];
const SLOW_RTT_MS = 150;
const SLOW_DOWNLINK_MBITS = 5;
/** More device pixels than this nobody sees: phones report up to 4. */
const MAX_DPR = 3;
/** Where nothing says how wide the image is shown: a phone in CSS pixels × 1.5, a desktop column. */
const MOBILE_WIDTH = 640;
const DESKTOP_WIDTH = 1280;

/** A number above 0, or undefined. */
const positive = (text: string): number | undefined => {
  const value = text === '' ? Number.NaN : Number(text);
  return value > 0 && value < Number.POSITIVE_INFINITY ? value : undefined;
};

const tierOf = (viewer: Viewer): Tier => {
  const asked = viewer.askedTier;
  if (asked === 'n' || asked === 'l' || asked === 's') return asked;
  if (viewer.saveData.toLowerCase() === 'on') return 'l';
  if (SLOW_ECT.includes(viewer.ect.toLowerCase())) return 'l';
  const rtt = positive(viewer.rtt);
  const downlink = positive(viewer.downlink);
  if (rtt !== undefined && rtt > SLOW_RTT_MS) return 'l';
  return downlink !== undefined && downlink < SLOW_DOWNLINK_MBITS ? 'l' : 'n';
};

/** AVIF and WebP only for those who name them: `image/*` is what browsers sent long before either existed. */
const formatOf = (accept: string): Choice['format'] => {
  const avif = qualityOf(accept, 'image/avif', true);
  const webp = qualityOf(accept, 'image/webp', true);
  const jpeg = qualityOf(accept, 'image/jpeg', false);
  if (avif > 0 && avif >= webp && avif >= jpeg) return 'avif';
  return webp > 0 && webp >= jpeg ? 'webp' : 'jpeg';
};

/** Device pixels wanted. The low tier counts one device pixel per CSS pixel. */
const wantedWidth = (viewer: Viewer, tier: Tier): number => {
  const dpr = Math.min(positive(viewer.dpr) ?? 1, MAX_DPR);
  const device = positive(viewer.askedWidth) ?? positive(viewer.width);
  if (device !== undefined) return tier === 'l' ? device / dpr : device;
  const viewport = positive(viewer.viewportWidth);
  if (viewport !== undefined) return tier === 'l' ? viewport : viewport * dpr;
  return viewer.mobile ? MOBILE_WIDTH : DESKTOP_WIDTH;
};

/** The widths that a tier has. */
export const widthsOf = (tier: Tier): readonly number[] => (tier === 's' ? ladder.squareWidths : ladder.widths);

/** The tier that is served: below a width the low one shares the normal one's file, so it must share its cache entry. */
export const servedTier = (tier: Tier, width: number): Tier =>
  tier === 'l' && width < ladder.lowTierFrom ? 'n' : tier;

/** The narrowest of the widths that is wide enough, else the widest. */
const rungFor = (widths: readonly number[], width: number): number =>
  widths.find((rung) => rung >= width) ?? widths[widths.length - 1] ?? DESKTOP_WIDTH;

/**
 * Picks one of the ladder's renditions (at most 36) for a viewer: format by Accept with q, tier by Save-Data and link
 * hints, square only by `?t=s`, width by what was asked, hinted or usual. Pure; any input gives an answer.
 */
export const negotiate = (viewer: Viewer): Choice => {
  const tier = tierOf(viewer);
  const width = rungFor(widthsOf(tier), wantedWidth(viewer, tier));
  return { width, tier: servedTier(tier, width), format: formatOf(viewer.accept) };
};
