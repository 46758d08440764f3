import { createHash } from 'node:crypto';
import sharp from 'sharp';

export type Bytes = Uint8Array<ArrayBuffer>;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A JPEG of noise, which takes well over the 64 KiB that a verdict needs. */
export const photograph = async (): Promise<Bytes> => {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
  const image = sharp({ create: { width: 640, height: 480, channels: 3, background: 'grey', noise } });
  return new Uint8Array(await image.jpeg({ quality: 90 }).toBuffer());
};

/** The file with zeros behind it, which no reader of a JPEG minds. */
export const padded = (file: Uint8Array, size: number): Bytes => {
  const bytes = new Uint8Array(size);
  bytes.set(file);
  return bytes;
};

export const sendForm = async (form: { url: string; fields: Record<string, string> }, file: Bytes): Promise<void> => {
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
  data.append('file', new Blob([file]));
  const response = await fetch(form.url, { method: 'POST', body: data });
  if (!response.ok) throw new Error(`expected storage to take the form: ${response.status} ${await response.text()}`);
};

/** PUTs bytes to a presigned address and answers the ETag as it came. */
export const put = async (url: string, bytes: Bytes, headers: Record<string, string> = {}): Promise<string> => {
  const response = await fetch(url, { method: 'PUT', body: bytes, headers });
  if (!response.ok) throw new Error(`expected storage to take the bytes: ${response.status} ${await response.text()}`);
  return response.headers.get('etag') ?? '';
};

/** Orders for a file in chunks of `size` bytes. */
export const chunksOf = (file: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(file.length / size) }, (_, index) => {
    const offset = index * size;
    const bytes = file.subarray(offset, offset + size);
    return { offset, size: bytes.length, sha256: sha256(bytes) };
  });
