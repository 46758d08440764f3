/** `Cache-Control` of a rendition: its URL names its version, so it never changes. */
export const FOREVER = 'public, max-age=31536000, immutable';

/** A name that leads to another one, in seconds of a day: it does so as long as the ladder stays, and a new one changes the version. */
export const LASTING = 'public, max-age=86400';

/** Nothing here yet: an image that is being developed is there within seconds. */
export const BRIEF = 'public, max-age=10';
