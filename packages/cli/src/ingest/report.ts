import type { PublicImage } from '@darkroom/types/api';

export interface IngestedFile {
  readonly file: string;
  readonly imageId: string | null;
  /** LOST: the upload was acknowledged but no verdict came. */
  readonly status: 'READY' | 'REJECTED' | 'REVIEW' | 'FAILED' | 'LOST';
  /** Reason code, null when READY; `REVIEW` when it is held back. */
  readonly reason: string | null;
  /** The reason as a sentence, null when READY. */
  readonly message: string | null;
  /** From the start of the upload to the terminal state, in milliseconds. */
  readonly ms: number;
  /** Upright pixels of the original. */
  readonly width: number | null;
  readonly height: number | null;
  /** Bytes of the original. */
  readonly bytes: number;
  readonly variants: readonly { url: string; width: number; height: number; format: string; bytes: number }[];
  /** Another file with the same bytes, as this run or an earlier one called it: this one was not sent, and has its image. */
  readonly duplicateOf: string | null;
}

/** The one JSON object that `ingest --json` prints. Its first eight fields are a fixed contract. */
export interface IngestReport {
  readonly images: number;
  readonly ready: number;
  readonly rejected: number;
  readonly failed: number;
  readonly lost: number;
  readonly seconds: number;
  readonly results: readonly IngestedFile[];
  /** Held back by moderation until somebody has looked: an end as far as the sender is concerned. */
  readonly review: number;
  /** Files whose bytes another file brought: they are counted above as well. */
  readonly duplicates: number;
  /** True when Ctrl-C, or the end of the system, stopped it before its end. */
  readonly interrupted: boolean;
}

const reasonFor = ({ status, reason }: PublicImage): Pick<IngestedFile, 'reason' | 'message'> =>
  status === 'REVIEW'
    ? { reason: 'REVIEW', message: 'held back until somebody has looked at it' }
    : { reason: reason?.code ?? null, message: reason?.message ?? null };

export const describeImage = (file: { name: string; size: number }, image: PublicImage, ms: number): IngestedFile => ({
  file: file.name,
  imageId: image.imageId,
  status: image.status === 'PROCESSING' ? 'LOST' : image.status,
  ...reasonFor(image),
  ms,
  width: image.width,
  height: image.height,
  bytes: file.size,
  variants: image.variants.map(({ url, width, height, format, bytes }) => ({ url, width, height, format, bytes })),
  duplicateOf: null,
});

export const describeFailure = (
  file: { name: string; size: number },
  outcome: Pick<IngestedFile, 'imageId' | 'status' | 'reason' | 'message' | 'ms'>,
): IngestedFile => ({
  file: file.name,
  width: null,
  height: null,
  bytes: file.size,
  variants: [],
  duplicateOf: null,
  ...outcome,
});

export const summarise = (results: readonly IngestedFile[], seconds: number, interrupted = false): IngestReport => {
  const count = (status: IngestedFile['status']) => results.filter((result) => result.status === status).length;
  return {
    images: results.length,
    ready: count('READY'),
    rejected: count('REJECTED'),
    failed: count('FAILED'),
    lost: count('LOST'),
    seconds: Math.round(seconds * 1000) / 1000,
    results,
    review: count('REVIEW'),
    duplicates: results.filter(({ duplicateOf }) => duplicateOf !== null).length,
    interrupted,
  };
};
