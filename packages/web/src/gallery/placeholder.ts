import { thumbHashToDataURL } from '@darkroom/client/thumbhash';

/** A CSS image for a frame whose picture is still on its way; empty without a ThumbHash. */
export const placeholder = (thumbhash: string | null): string => {
  if (thumbhash === null) return '';
  const bytes = Uint8Array.from(atob(thumbhash), (char) => char.charCodeAt(0));
  return `url(${thumbHashToDataURL(bytes)})`;
};
