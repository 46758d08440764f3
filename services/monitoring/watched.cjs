// What other stacks own and this one watches. Functions go by the names that Serverless gives them,
// `{service}-{stage}-{key}`; a test holds the list against the services' own functions.yml. `errorPercent` is what may go
// wrong before somebody is called: tasks that throw ImageRejected count every broken picture as an error of Lambda, so
// theirs is higher. `fewest`: a share of no more invocations than these in five minutes says nothing.
const functions = [
  { service: 'upload', key: 'api', errorPercent: 2 },
  { service: 'upload', key: 'complete', errorPercent: 2 },
  { service: 'upload', key: 'companion', errorPercent: 2 },
  { service: 'upload', key: 'tus', errorPercent: 2 },
  { service: 'upload', key: 'purgeOriginal', errorPercent: 10 },
  { service: 'validate', key: 'validateImage', errorPercent: 10 },
  { service: 'validate', key: 'moderateImage', errorPercent: 30 },
  { service: 'metadata', key: 'api', errorPercent: 2 },
  { service: 'metadata', key: 'extractMetadata', errorPercent: 30 },
  { service: 'metadata', key: 'storeResults', errorPercent: 5 },
  { service: 'variants', key: 'developHeic', errorPercent: 30 },
  { service: 'variants', key: 'renderFamily', errorPercent: 30 },
  { service: 'variants', key: 'renderVariant', errorPercent: 10 },
  { service: 'variants', key: 'purgeVariants', errorPercent: 10 },
  { service: 'variants', key: 'countViews', errorPercent: 10 },
  // A few invocations a night: one that leaves something undone is a share of them already.
  { service: 'variants', key: 'reencode', errorPercent: 50, fewest: 0 },
  { service: 'pipeline', key: 'dispatch', errorPercent: 5 },
  { service: 'pipeline', key: 'redevelop', errorPercent: 5 },
  { service: 'pipeline', key: 'startReprocess', errorPercent: 5, fewest: 0 },
  // One failed sweep is made up for by the next; a quarter of them is not.
  { service: 'monitoring', key: 'sweep', errorPercent: 25, fewest: 0 },
].map((watched) => ({
  fewest: 10,
  ...watched,
  name: `darkroom-${watched.service}-\${sls:stage}-${watched.key}`,
}));

/** The id in `https://{id}.execute-api.{region}.amazonaws.com`, from a stack parameter that holds such an address. */
const apiId = (urlParameter) => ({
  'Fn::Select': [0, { 'Fn::Split': ['.', { 'Fn::Select': [1, { 'Fn::Split': ['//', { Ref: urlParameter }] }] }] }],
});

module.exports = { functions, apiId };
