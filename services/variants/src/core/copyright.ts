import type { Sharp } from 'sharp';

/** A picture whose file says whose it is, and carries no other metadata: the one place that writes EXIF, text that we made, never a copy. */
export const withCopyright = (image: Sharp, notice: string): Sharp => image.withExif({ IFD0: { Copyright: notice } });
