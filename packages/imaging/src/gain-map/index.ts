export * from './attach-gain-map.ts';
export { needsOwnProfile } from './iso-metadata.ts';
export * from './read-gain-map.ts';
