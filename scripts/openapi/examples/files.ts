import type { RouteExample } from './values.ts';

export const fileExamples: Readonly<Record<string, RouteExample>> = {};
