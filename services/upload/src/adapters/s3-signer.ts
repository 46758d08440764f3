import { type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { PostOrder, SignPart, SignPost } from '../ports.ts';

const lengthRange = (size: PostOrder['size']): [min: number, max: number] =>
  typeof size === 'number' ? [size, size] : [size.min, size.max];

/**
 * Presigned POST: S3 takes exactly one key, one size (or range of sizes), one type and the metadata given here, and nothing else
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html). Every field is a condition, too.
 */
export const createPostSigner =
  (client: S3Client, bucket: string): SignPost =>
  ({ key, contentType, metadata, size, expiresInSeconds }) =>
    createPresignedPost(client, {
      Bucket: bucket,
      Key: key,
      Expires: expiresInSeconds,
      Conditions: [['content-length-range', ...lengthRange(size)]],
      Fields: {
        // In the case that Uppy's clients know it by.
        'content-type': contentType,
        // 201 answers with the ETag in a body that a browser can read.
        success_action_status: '201',
        ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
      },
    });

/** Presigned UploadPart. A size is signed with it, so that the part can be neither longer nor shorter; without one any size goes. */
export const createPartSigner =
  (client: S3Client, bucket: string): SignPart =>
  ({ key, uploadId, partNumber, size, expiresInSeconds }) =>
    getSignedUrl(
      client,
      new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        ...(size !== null && { ContentLength: size }),
      }),
      { expiresIn: expiresInSeconds },
    );
