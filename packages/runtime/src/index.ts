export * from './clients.ts';
export * from './config.ts';
export * from './errors.ts';
export * from './handler.ts';
export * from './http.ts';
export * from './observability.ts';
export * from './secret.ts';
export * from './tokens.ts';
