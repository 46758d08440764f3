// A process with the embedded system's upload service, as `darkroom up` runs it, and nothing behind it.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startLocalCloud } from '../../../../packages/local-cloud/src/index.ts';
import { signToken } from '../../../../packages/runtime/src/tokens.ts';
import { tokenSecretParameter } from '../../../../packages/types/src/parameters.ts';

/** Of this run only: the system lives in a folder that is deleted. */
const SECRET = 'benchmark-'.repeat(7);
const TOKEN_SECONDS = 86_400;

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const [dataDir = ''] = process.argv.slice(2);
const cloud = await startLocalCloud({
  dataDir,
  port: 0,
  apiPort: 0,
  cdnPort: 0,
  services: [folder('../nobody'), folder('../../../../services/upload')],
  seedParameters: { [tokenSecretParameter('local')]: { value: SECRET, type: 'SecureString' } },
});
const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
const token = signToken({ typ: 'access', tenant: 'default', owner: null, scopes: ['upload'], exp }, SECRET);
process.send?.({ api: cloud.apiUrl, s3: cloud.endpoint, token });
process.once('disconnect', () => {
  void cloud.stop().finally(() => process.exit(0));
});
