import type { Viewer } from './negotiate.ts';

/** Reads one header or query value by its lower-case name; empty text when there is none. */
export type Read = (name: string) => string;

/** Collects what a request tells about its viewer, whichever edge runtime it came from. */
export const viewerOf = (header: Read, query: Read): Viewer => ({
  accept: header('accept'),
  saveData: header('save-data'),
  ect: header('ect'),
  rtt: header('rtt'),
  downlink: header('downlink'),
  // Browsers sent these hints without `Sec-CH-` before the names were settled, and some still do.
  dpr: header('sec-ch-dpr') || header('dpr'),
  width: header('sec-ch-width') || header('width'),
  viewportWidth: header('sec-ch-viewport-width') || header('viewport-width'),
  // "Mobi" is what MDN advises to look for in user agents ("Browser detection using the user agent").
  mobile:
    header('cloudfront-is-mobile-viewer') === 'true' ||
    header('sec-ch-ua-mobile') === '?1' ||
    header('user-agent').includes('Mobi'),
  askedWidth: query('w'),
  askedTier: query('t'),
});

/** Body of an answer made at the edge. */
export const answerBody = (code: string, message: string): string => JSON.stringify({ code, message });
