import { CompleteMultipartUploadCommand, PutObjectCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { bareEtag, type CompletedPart } from '../core/parts.ts';
import type { OriginalWriter, WriteOriginal } from '../ports.ts';
import { busy, isGone, isTaken, mapped } from './s3-errors.ts';
import { createAbortMultipart, createOpenMultipart } from './s3-multipart.ts';
import { createHeadObject } from './s3-objects.ts';

/** One PUT carries up to this, and a part of a larger object has it, in bytes: above S3's least of 5 MiB, and few parts. */
const BUFFER_BYTES = 8_388_608;
/** Parts under way at once: with the one being filled, three buffers at most. Two keep a connection busy while the next is read. */
const MAX_SENDING = 2;
/** S3 writes only where nothing is (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). */
const ONLY_WHERE_NONE = { IfNoneMatch: '*' } as const;

type Facts = Parameters<WriteOriginal>[0];

interface Place {
  readonly client: S3Client;
  readonly bucket: string;
}

/** Collects bytes into buffers of a fixed size, and hands each on when it is full. */
const createFiller = (size: number, full: (bytes: Buffer) => Promise<void>) => {
  let buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  return {
    write: async (bytes: Uint8Array): Promise<void> => {
      for (let at = 0; at < bytes.length; ) {
        const taken = Math.min(bytes.length - at, size - filled);
        buffer.set(bytes.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled < size) return;
        await full(buffer);
        buffer = Buffer.allocUnsafe(size);
        filled = 0;
      }
    },
    /** What has been collected since the last full buffer. */
    rest: (): Buffer => buffer.subarray(0, filled),
  };
};

interface Made {
  /** Without quotes. */
  readonly etag: string;
  /** False when the object was there already. */
  readonly isNew: boolean;
}

/**
 * Runs the call that makes the object. When S3 says that there is one already, that one is the answer: two calls that finish
 * the same upload make one object and one event. Throws UNAVAILABLE when neither is so.
 */
const orExisting = async (
  { client, bucket }: Place,
  key: string,
  call: Promise<{ ETag?: string | undefined }>,
): Promise<Made> => {
  try {
    return { etag: bareEtag((await mapped(call)).ETag ?? ''), isNew: true };
  } catch (error) {
    // A repeated completion whose first answer was lost finds its upload gone.
    if (!isTaken(error) && !isGone(error)) throw error;
    const existing = await createHeadObject(client, bucket)(key);
    if (existing === undefined) throw busy(error);
    return { etag: existing.etag, isNew: false };
  }
};

/** A small original: held until its hash is known, then one PUT, whose bytes S3 checks by that hash. */
const createPut = (place: Place, facts: Facts): OriginalWriter => {
  const { client, bucket } = place;
  const { key, contentType, metadata, size } = facts;
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  return {
    write: (more) => {
      bytes.set(more, filled);
      filled += more.length;
      return Promise.resolve();
    },
    commit: async (sha256) => {
      const command = new PutObjectCommand({
        ...ONLY_WHERE_NONE,
        Bucket: bucket,
        Key: key,
        Body: bytes.subarray(0, filled),
        ContentType: contentType,
        Metadata: { ...metadata, sha256 },
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
      });
      return (await orExisting(place, key, client.send(command))).etag;
    },
    discard: () => Promise.resolve(),
  };
};

/** A large original: parts leave as they fill. S3 fixes metadata when the upload opens, so a hash found only now is not added. */
const createParts = async (place: Place, facts: Facts): Promise<OriginalWriter> => {
  const { client, bucket } = place;
  const upload = { key: facts.key, uploadId: await createOpenMultipart(client, bucket)(facts) };
  const target = { Bucket: bucket, Key: upload.key, UploadId: upload.uploadId };
  const parts: Promise<CompletedPart>[] = [];
  const sending = new Set<Promise<unknown>>();

  const sendPart = async (partNumber: number, Body: Buffer): Promise<CompletedPart> => {
    const answer = await mapped(client.send(new UploadPartCommand({ ...target, PartNumber: partNumber, Body })));
    return { partNumber, etag: bareEtag(answer.ETag ?? '') };
  };
  const send = async (bytes: Buffer): Promise<void> => {
    if (sending.size >= MAX_SENDING) await Promise.race(sending);
    const part = sendPart(parts.length + 1, bytes);
    parts.push(part);
    sending.add(part);
    // `commit` and the race hear of a failure; here it only ends the wait.
    const ended = () => sending.delete(part);
    part.then(ended, ended);
  };
  const filler = createFiller(BUFFER_BYTES, send);
  const abort = async (): Promise<void> => {
    // A part that arrives after the end would be kept, and paid for, until the lifecycle rule drops it.
    await Promise.allSettled(parts);
    await createAbortMultipart(client, bucket)(upload);
  };

  return {
    write: filler.write,
    commit: async () => {
      if (filler.rest().length > 0) await send(filler.rest());
      const Parts = (await Promise.all(parts)).map(({ partNumber, etag }) => ({
        PartNumber: partNumber,
        ETag: `"${etag}"`,
      }));
      const command = new CompleteMultipartUploadCommand({ ...ONLY_WHERE_NONE, ...target, MultipartUpload: { Parts } });
      const made = await orExisting(place, upload.key, client.send(command));
      if (!made.isNew) await abort();
      return made.etag;
    },
    discard: abort,
  };
};

/** Writes originals by one PUT up to 8 MiB and in parts above, with at most three buffers of that size. */
export const createWriteOriginal =
  (client: S3Client, bucket: string): WriteOriginal =>
  (facts) =>
    facts.size <= BUFFER_BYTES
      ? Promise.resolve(createPut({ client, bucket }, facts))
      : createParts({ client, bucket }, facts);
