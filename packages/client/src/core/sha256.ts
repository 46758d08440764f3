import type { HashStream } from './ports.ts';

/**
 * SHA-256 (FIPS 180-4, §6.2) for what WebCrypto cannot do: a file's hash while its pieces pass by, and pages without
 * `crypto.subtle` (plain HTTP). The constants are computed, as §4.2.2 and §5.3.3 define them: the first 32 bits of the
 * fractional parts of the cube roots of the first 64 primes, and of the square roots of the first eight.
 */
const BLOCK = 64;

const isPrime = (n: number): boolean => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
};
const firstPrimes = (count: number): number[] => {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (isPrime(n)) primes.push(n);
  return primes;
};
const fraction32 = (x: number): number => ((x - Math.floor(x)) * 2 ** 32) | 0;

const PRIMES = firstPrimes(64);
const K = Int32Array.from(PRIMES, (p) => fraction32(Math.cbrt(p)));
const H0 = Int32Array.from(PRIMES.slice(0, 8), (p) => fraction32(Math.sqrt(p)));

const rotr = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

/** Fills the message schedule of §6.2.2, step 1. */
const schedule = (w: Int32Array, bytes: Uint8Array, at: number): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, BLOCK);
  for (let t = 0; t < 16; t++) w[t] = view.getInt32(t * 4);
  for (let t = 16; t < 64; t++) {
    const a = w[t - 15] as number;
    const b = w[t - 2] as number;
    const s0 = rotr(a, 7) ^ rotr(a, 18) ^ (a >>> 3);
    const s1 = rotr(b, 17) ^ rotr(b, 19) ^ (b >>> 10);
    w[t] = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0;
  }
};

/** Steps 2 to 4 of §6.2.2. */
const compress = (state: Int32Array, w: Int32Array): void => {
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t++) {
    const t1 =
      (h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + (K[t] as number) + (w[t] as number)) | 0;
    const t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = ((state[i] as number) + word) | 0));
};

const hexOf = (state: Int32Array): string =>
  Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');

/** A SHA-256 that takes its bytes piece by piece. */
export const sha256Stream = (): HashStream => {
  const state = Int32Array.from(H0);
  const w = new Int32Array(64);
  const rest = new Uint8Array(BLOCK);
  let held = 0;
  let total = 0;

  const block = (bytes: Uint8Array, at: number): void => {
    schedule(w, bytes, at);
    compress(state, w);
  };
  const update = (bytes: Uint8Array): void => {
    total += bytes.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(BLOCK - held, bytes.length);
      rest.set(bytes.subarray(0, at), held);
      held += at;
      if (held < BLOCK) return;
      block(rest, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) block(bytes, at);
    rest.set(bytes.subarray(at));
    held = bytes.length - at;
  };
  const hex = (): string => {
    const bits = total * 8;
    const padding = new Uint8Array((held < 56 ? BLOCK : 2 * BLOCK) - held);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits >>> 0);
    update(padding);
    return hexOf(state);
  };
  return { update, hex };
};

/** Lower-case hex SHA-256 by WebCrypto where the page has it (secure contexts), else by the code above. */
export const digest = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
  // Not there at all, or without `subtle`, on a page that came over plain HTTP.
  const subtle = (globalThis as { readonly crypto?: Partial<Crypto> }).crypto?.subtle;
  if (subtle === undefined) {
    const stream = sha256Stream();
    stream.update(bytes);
    return stream.hex();
  }
  const hash = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
};
