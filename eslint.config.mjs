// House rules that a machine can keep. Formatting is Biome's (biome.json), folder borders are dependency-cruiser's.
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const IGNORED = ['**/node_modules/', '**/.serverless/', '**/.esbuild/', '**/.darkroom/', '**/dist/', '**/coverage/'];
const TESTS = ['**/*.test.ts', '**/test/**', 'test/**'];
const PLAIN_JS = ['**/*.{js,mjs,cjs}'];
/** Code that ships to Lambda: environment, console and metadata rules are strictest here. */
const LAMBDA = ['services/*/src/**/*.ts', 'packages/{imaging,runtime,types}/src/**/*.ts'];
/** Where a function is put together; the only places that may look at the environment. */
const COMPOSITION = [
  'services/*/src/config.ts',
  'services/*/src/composition.ts',
  'services/*/src/functions/*/handler.ts',
  'services/*/src/functions/*/{composition,deps}.ts',
  'packages/runtime/src/{clients,observability}.ts',
];

const houseLimits = {
  complexity: ['error', 10],
  'max-depth': ['error', 3],
  'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', 3],
  eqeqeq: 'error',
  'no-empty': 'error',
  'prefer-template': 'error',
  'object-shorthand': 'error',
};

const restrictedImports = {
  paths: [
    { name: 'aws-sdk', message: 'AWS SDK v2 is out of support: use the v3 clients of @darkroom/runtime/clients.' },
    { name: '@jest/globals', message: "Jest's globals are typed by @types/jest; `import.meta.jest` is the rest." },
  ],
};

// A later block of `no-restricted-syntax` replaces an earlier one, so each block below lists all that holds for it.
const METADATA_METHODS = '/^(withMetadata|withExif|withExifMerge|withXmp|keepMetadata|keepExif|keepXmp)$/';

const zodNamespaceOnly = {
  selector:
    "ImportDeclaration[source.value='zod'] > :matches(ImportSpecifier[imported.name='z'], ImportDefaultSpecifier)",
  message: "Write `import * as z from 'zod'`: the named `z` drags every locale in, 360 KiB more per function.",
};
const noEnum = {
  selector: 'TSEnumDeclaration',
  message: 'Node runs this by stripping types: use a const object or a union.',
};
const noMetadata = {
  selector: `CallExpression > MemberExpression[property.name=${METADATA_METHODS}]`,
  message: 'Variants carry no EXIF, XMP or GPS: keep the colour profile with keepIccProfile() and nothing else.',
};
const noClock = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Core is pure: take the clock as a port.',
};

export default defineConfig(
  { ignores: [...IGNORED, '**/fixtures/**', '**/*.d.mts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{ts,mts,cts}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A number in a sentence is what a sentence is for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-deprecated': [
        'error',
        // Deprecated only for hono 5, which does not exist yet; hono is pinned at 4.
        { allow: [{ from: 'package', package: 'hono', name: ['handle', 'LambdaEvent', 'LambdaContext'] }] },
      ],
      // It asks for `!`, which no-non-null-assertion refuses.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // TypeScript knows what is defined.
      'no-undef': 'off',
    },
  },
  {
    files: PLAIN_JS,
    languageOptions: { globals: globals.node },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
  },
  { files: ['packages/web/**/*.{js,mjs}'], languageOptions: { globals: globals.browser } },
  {
    rules: {
      ...houseLimits,
      'no-restricted-imports': ['error', restrictedImports],
      'no-restricted-syntax': ['error', zodNamespaceOnly, noEnum],
    },
  },
  {
    files: LAMBDA,
    ignores: TESTS,
    rules: {
      // The logger writes JSON with the request id; a bare line cannot be found again.
      'no-console': 'error',
      'no-restricted-syntax': ['error', zodNamespaceOnly, noEnum, noMetadata],
    },
  },
  {
    files: LAMBDA,
    ignores: [...TESTS, ...COMPOSITION],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Read the environment in config.ts or the handler and pass it on.',
        },
      ],
    },
  },
  {
    files: ['services/*/src/core/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Core is pure: take the value as an argument.' },
        { object: 'Date', property: 'now', message: 'Core is pure: take the clock as a port.' },
        { object: 'Math', property: 'random', message: 'Core is pure: take randomness as a port.' },
      ],
      'no-restricted-syntax': ['error', zodNamespaceOnly, noEnum, noMetadata, noClock],
    },
  },
  {
    // Writes one line of EXIF of its own making, where a tenant's policy says so.
    files: ['services/variants/src/core/copyright.ts'],
    rules: { 'no-restricted-syntax': ['error', zodNamespaceOnly, noEnum, noClock] },
  },
  {
    files: TESTS,
    rules: {
      // A suite is as long as the protocol it checks; answers of a foreign API are looked at, not typed.
      'max-lines': 'off',
      'max-params': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
