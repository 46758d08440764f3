// The borders of the house. Each rule says whom it protects; run by `npm run lint`.
const SERVICE = '^services/([^/]+)/';
const TESTS = '(\\.test\\.ts$|/test/)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that import each other are one file. Type-only cycles vanish when types are stripped.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-service-imports-a-service',
      comment: 'Services meet in S3, SQS, Step Functions and EventBridge; what they share is in packages/types.',
      severity: 'error',
      from: { path: SERVICE, pathNot: TESTS },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'core-is-pure',
      comment: 'Core decides; adapters and handlers talk. Core may import core, ports, types and plain libraries.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/core/', pathNot: TESTS },
      to: {
        path: [
          '^services/[^/]+/src/(adapters|functions|config|composition)',
          'node_modules/(@aws-sdk|@smithy|@aws-lambda-powertools)/',
          '^packages/runtime/src/(clients|observability|handler|secret)',
          '^(node:)?(process|fs|fs/promises|net|http|https|child_process|worker_threads)$',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'functions-are-leaves',
      comment: 'A function folder holds a handler; what two functions share belongs in core or adapters.',
      severity: 'error',
      from: { path: '^services/([^/]+)/src/functions/([^/]+)/', pathNot: TESTS },
      to: { path: '^services/$1/src/functions/', pathNot: '^services/$1/src/functions/$2/' },
    },
    {
      name: 'adapters-do-not-know-functions',
      comment: 'Dependencies point inward: functions -> adapters -> core.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/adapters/', pathNot: TESTS },
      to: { path: '^services/[^/]+/src/functions/' },
    },
    {
      name: 'services-use-shared-packages-only',
      comment: 'Nothing that runs in Lambda may pull in the stand-in, the client, the pages or the command line.',
      severity: 'error',
      from: { path: '^services/', pathNot: TESTS },
      to: { path: '^packages/', pathNot: '^packages/(types|runtime|imaging|vision)/' },
    },
    {
      name: 'types-import-zod-only',
      comment: 'The contracts are read by everyone, edge and browser included.',
      severity: 'error',
      from: { path: '^packages/types/src/', pathNot: TESTS },
      to: { pathNot: ['^packages/types/', 'node_modules/zod/'] },
    },
    {
      name: 'shared-packages-know-no-one-above',
      comment: 'What services share is below them: it knows the types and nothing of those who use it.',
      severity: 'error',
      from: { path: '^packages/(runtime|imaging|vision)/src/', pathNot: TESTS },
      to: { path: '^(services|packages)/', pathNot: ['^packages/types/', '^packages/$1/'] },
    },
    {
      name: 'local-cloud-imports-no-service',
      comment: 'The stand-in reads services from their serverless.yml, as AWS does, and knows none by name.',
      severity: 'error',
      from: { path: '^packages/local-cloud/' },
      to: { path: ['^services/', '^packages/(cli|web|client)/'] },
    },
    {
      name: 'nothing-imports-the-cli',
      comment: 'The command line is the outermost layer.',
      severity: 'error',
      from: { pathNot: ['^packages/cli/', '^scripts/', '^test/'] },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'no-unresolvable',
      comment: 'A misspelt import fails here rather than in Lambda.',
      severity: 'error',
      from: {},
      // aws-lambda is the name of a types package (@types/aws-lambda) and of nothing at run time.
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that is only there because someone else depends on it disappears with them.',
      severity: 'error',
      from: { path: '^(packages|services)/[^/]+/src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.serverless|\\.esbuild|\\.darkroom|dist|coverage|fixtures)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Type-only imports cross borders that code may not, so they are seen and told apart.
    tsPreCompilationDeps: 'specify',
    detectProcessBuiltinModuleCalls: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
