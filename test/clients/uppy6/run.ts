import '../browser.ts';
import { runUppy, type UppyLike } from '../uppy.ts';

const { default: Uppy } = await import('@uppy/core');
const { default: AwsS3 } = await import('@uppy/aws-s3');

await runUppy((endpoint, shouldUseMultipart) => {
  const uppy = new Uppy().use(AwsS3, { companionEndpoint: endpoint, shouldUseMultipart });
  return uppy as unknown as UppyLike;
});
