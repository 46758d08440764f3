import type { PublicImage } from '@darkroom/types/api';
import { bytes } from '../words.ts';

export const label = ({ filename, imageId }: PublicImage): string => filename ?? imageId;

/** What became of an image, in a few words. */
export const statusText = ({ status, reason, width, height, bytes: size }: PublicImage): string => {
  if (reason !== null) return `${status === 'REJECTED' ? 'Refused' : 'Failed'}: ${reason.message}`;
  if (status === 'REVIEW') return 'Held back until somebody has looked at it';
  if (status !== 'READY') return 'Being developed…';
  return `${width ?? '?'} × ${height ?? '?'} · ${bytes(size)}`;
};

/** `2 ready, 1 rejected`, in the order of the way through the pipeline. */
export const summaryText = (images: readonly PublicImage[]): string => {
  const order = ['PROCESSING', 'READY', 'REVIEW', 'REJECTED', 'FAILED'] as const;
  const parts = order.flatMap((status) => {
    const count = images.filter((image) => image.status === status).length;
    return count === 0 ? [] : [`${count} ${status.toLowerCase()}`];
  });
  return parts.length === 0 ? 'No images' : parts.join(', ');
};
