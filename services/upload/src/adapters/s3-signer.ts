import { type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { SignPart, SignPost } from '../ports.ts';

/**
 * Presigned POST: S3 takes exactly one key, one size, one type and the metadata given here, and nothing else
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html). Every field is a condition, too.
 */
export const createPostSigner =
  (client: S3Client, bucket: string): SignPost =>
  ({ key, contentType, metadata, size, expiresInSeconds }) =>
    createPresignedPost(client, {
      Bucket: bucket,
      Key: key,
      Expires: expiresInSeconds,
      Conditions: [['content-length-range', size, size]],
      Fields: {
        'Content-Type': contentType,
        // 201 answers with the ETag in a body that a browser can read.
        success_action_status: '201',
        ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
      },
    });

/** Presigned UploadPart. ContentLength is signed with it, so a part can be neither longer nor shorter. */
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
        ContentLength: size,
      }),
      { expiresIn: expiresInSeconds },
    );
