// Bundles the CloudFront Function at package time; resources.yml inlines what this answers.
const { buildSync } = require('esbuild');
const { join } = require('node:path');

/** CloudFront refuses functions above 10 KB (quota "Maximum size of a function"). */
const MAX_BYTES = 10_240;

/** The function's code. Throws when it uses what the CloudFront JavaScript runtime 2.0 lacks, or is too large. */
const viewerRequestCode = () => {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, 'src/functions/viewerRequest/handler.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    globalName: 'edge',
    footer: { js: 'function handler(event){return edge.handler(event)}' },
    // ES 5.1 and what the runtime's documentation lists on top of it: anything else is lowered, or fails the build here.
    target: 'es2016',
    supported: {
      'array-spread': false,
      class: false,
      'default-argument': false,
      destructuring: false,
      'for-of': false,
      generator: false,
      'nullish-coalescing': false,
      'optional-chain': false,
      // The runtime has them, but the Serverless Framework takes ${…} for one of its variables.
      'template-literal': false,
    },
  });
  const code = outputFiles[0].text.trim();
  if (Buffer.byteLength(code) > MAX_BYTES)
    throw new Error(
      `expected at most ${MAX_BYTES} bytes for the CloudFront Function but received ${Buffer.byteLength(code)}`,
    );
  return code;
};

/** The same as a Lambda@Edge handler (CommonJS), for distributions that need one; see README.md. */
const viewerRequestLambdaCode = () => {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, 'src/functions/viewerRequestLambda/handler.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'cjs',
    platform: 'node',
    // nodejs22.x: Lambda@Edge takes new runtimes later than Lambda does.
    target: 'node22',
  });
  return outputFiles[0].text.trim();
};

module.exports = { viewerRequestCode, viewerRequestLambdaCode };
