import * as z from 'zod';
import { sourceFormatSchema } from './image.ts';
import data from '../data/limits.json' with { type: 'json' };

const count = z.int().positive();

export const limitsSchema = z.strictObject({
  upload: z.strictObject({
    /** Largest original, in bytes. */
    maxBytes: count,
    /** Up to this size one presigned POST carries the file; above it, multipart. In bytes. */
    singlePostMaxBytes: count,
    /** Size of every part but the last, in bytes; S3 wants at least 5 MiB. */
    partBytes: count.min(5_242_880),
    /** Grid of micro-chunks, in bytes: every chunk starts on it and is a multiple of it, but for the end of the file. */
    chunkUnitBytes: count,
    /** Largest micro-chunk, in bytes. */
    maxChunkBytes: count,
    /** Most part or chunk URLs one call signs. */
    maxPartsPerSigning: count,
    /** Life of a presigned URL or POST policy, in seconds. */
    presignedSeconds: count,
    /** Life of a URL signed for Uppy, in seconds: version 6 gives a file up at the first expired part. S3 ends it with the signer's credentials. */
    companionPresignedSeconds: count,
    /** Largest body of a tus or resumable-upload PATCH, in bytes: Lambda takes 6 MiB of event, in which a body is Base64. */
    maxPatchBytes: count,
    /** Life of an upload token, in seconds; S3's lifecycle rule drops incomplete uploads after a day, too. */
    uploadTokenSeconds: count,
    maxFilenameLength: count,
  }),
  validate: z.strictObject({
    /** First range read, in bytes. 64 KiB holds the header of nearly every photograph. */
    headerBytes: count,
    /** Second and last range read when large EXIF or ICC blocks push the frame header back, in bytes. */
    headerWidenedBytes: count,
    minSide: count,
    /** Longest side in pixels: a 8,388,609 × 3 PNG of 98 KB takes 2.5 GB inside any sane limit on the product. */
    maxSide: count,
    maxChannels: count,
    maxFrames: count,
    /** Most pixels (width × height) by kind, from the measured memory per pixel of each decoder. */
    maxPixels: z.strictObject({
      jpegBaseline: count,
      jpegProgressive: count,
      png: count,
      pngInterlaced: count,
      webp: count,
      gifFrame: count,
      avif: count,
      /** AVIF of 10 or 12 bits a channel. */
      avifDeep: count,
      heic: count,
    }),
    acceptedFormats: z.array(sourceFormatSchema),
  }),
  pipeline: z.strictObject({
    /** After this many attempts an image is FAILED. */
    maxAttempts: count,
    /** How long a claim holds, in seconds: Express's own limit of 300 plus a margin. */
    leaseSeconds: count,
    /** Wait before attempt 2, 3, …, in seconds. */
    retryBackoffSeconds: z.array(count).min(1),
  }),
});
export type Limits = z.infer<typeof limitsSchema>;

/** All limits, from `data/limits.json`. Throws at import when the file is malformed. */
export const limits: Limits = limitsSchema.parse(data);
