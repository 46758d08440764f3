import '../browser.ts';
import { runUppy, type UppyLike } from '../uppy.ts';

const { default: Uppy } = await import('@uppy/core');
const { default: AwsS3 } = await import('@uppy/aws-s3');

await runUppy((endpoint, shouldUseMultipart) => {
  const uppy = new Uppy().use(AwsS3, {
    endpoint,
    // As many tries as by default, a tenth of the waiting.
    retryDelays: [0, 100, 300, 500],
    // Its types know a constant only.
    shouldUseMultipart: shouldUseMultipart as true,
  });
  return uppy as unknown as UppyLike;
});
