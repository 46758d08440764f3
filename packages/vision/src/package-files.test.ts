import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from './package-files.ts';

describe('packageFile', () => {
  it('finds a file in the node_modules of a folder above, as in the zip of a function', () => {
    const root = mkdtempSync(join(tmpdir(), 'package-files-'));
    try {
      const model = join(root, 'node_modules/@scope/models/deep');
      mkdirSync(model, { recursive: true });
      writeFileSync(join(model, 'weights.bin'), 'w');
      const handler = join(root, 'src/functions/moderateImage');
      mkdirSync(handler, { recursive: true });

      expect(packageFile('@scope/models/deep/weights.bin', handler)).toBe(join(model, 'weights.bin'));
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('says what is missing', () => {
    expect(() => packageFile('nobody/nothing.bin', '/')).toThrow(
      'expected the file nobody/nothing.bin in a node_modules above / but received none',
    );
  });
});
