export * from './colour-profile.ts';
export * from './decode-errors.ts';
export * from './gain-map/index.ts';
export * from './open.ts';
export * from './own-numbers.ts';
export * from './pixel-limit.ts';
export * from './sharp.ts';
export * from './tag-colour.ts';
