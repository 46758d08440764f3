import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { combineCrc, crc32c, crc64nvme } from './crc.ts';

const CHECK = Buffer.from('123456789');

describe('CRCs', () => {
  // The check values of the catalogue of parametrised CRC algorithms (CRC-32/ISCSI, CRC-64/NVME).
  it('are those of the catalogue', () => {
    expect(crc32c(CHECK)).toBe(0xe3069283);
    expect(crc64nvme(CHECK)).toBe(0xae8b14860a799888n);
  });

  it.each([0, 1, 7, 8, 9, 1000])('continue after %d bytes', (cut) => {
    const data = randomBytes(1000);
    const [head, tail] = [data.subarray(0, cut), data.subarray(cut)];
    expect(crc32c(tail, crc32c(head))).toBe(crc32c(data));
    expect(crc64nvme(tail, crc64nvme(head))).toBe(crc64nvme(data));
  });

  it.each([0, 1, 17, 999])('of two halves make that of the whole (%d bytes behind)', (length) => {
    const [head, tail] = [randomBytes(333), randomBytes(length)];
    const whole = Buffer.concat([head, tail]);
    const combined = (name: 'CRC32' | 'CRC32C' | 'CRC64NVME', crc: (data: Buffer) => bigint) =>
      combineCrc(name, crc(head), { crc: crc(tail), length });
    expect(combined('CRC32', (data) => BigInt(crc32(data)))).toBe(BigInt(crc32(whole)));
    expect(combined('CRC32C', (data) => BigInt(crc32c(data)))).toBe(BigInt(crc32c(whole)));
    expect(combined('CRC64NVME', crc64nvme)).toBe(crc64nvme(whole));
  });
});
