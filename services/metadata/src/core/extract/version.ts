import { createHash } from 'node:crypto';

export { variantVersion } from '@darkroom/runtime/version';

/** Lower-case hex SHA-256. */
export const sha256Hex = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
