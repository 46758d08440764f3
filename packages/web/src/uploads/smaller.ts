/** Longest side of what is sent when the viewer asks for less, in pixels: more than the widest rendition needs. */
export const MAX_SIDE = 2560;

/** A smaller copy of a photograph where that pays, else the file as it is. The code for it is fetched when it is first asked for. */
export const smaller = async (file: File): Promise<File> => {
  const { downscale } = await import('@darkroom/client/downscale');
  const { blob } = await downscale(file, { maxSide: MAX_SIDE, keepExif: 'without-gps' });
  if (blob === file) return file;
  // The name and the time of last change make the copy's fingerprint, by which it is known after a reload.
  return new File([blob], file.name, { type: blob.type, lastModified: file.lastModified });
};
