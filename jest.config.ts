import type { Config } from 'jest';

const config: Config = {
  testMatch: ['<rootDir>/{packages,services}/**/*.test.ts', '<rootDir>/{scripts,test}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/\\.esbuild/', '/\\.serverless/'],
  modulePathIgnorePatterns: ['/\\.esbuild/', '/\\.serverless/', '<rootDir>/\\.darkroom/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2024',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  // Decoding a large photograph on a loaded 2-core machine takes seconds; a hung test still ends.
  testTimeout: 60_000,
  maxWorkers: 2,
};

export default config;
