/** What one route is shown with in the document. Tests hold every value against its schema. */
export interface RouteExample {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** JSON bodies of the answers, by status. */
  readonly answers: Readonly<Record<number, unknown>>;
}

/** Made-up values, the same in all examples. */
export const imageId = '01KASKH1E0Y8W4T2R1Q0P9N8M7';
export const sha256 = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';
export const uploadToken = 'eyJ0eXAiOiJ1cGxvYWQi.q0v3Zk1x';
export const signedUntil = '2026-11-24T08:15:00.000Z';
export const tokenEnds = '2026-11-25T08:00:00.000Z';
export const bucket = 'https://darkroom-prod-originals.s3.eu-west-1.amazonaws.com';
export const original = `originals/5e/${imageId}/source`;
export const signature = 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=900&X-Amz-Signature=5d672d79';

/** Fields of a form, shortened. */
export const fields = {
  key: original,
  'Content-Type': 'image/jpeg',
  Policy: 'eyJleHBpcmF0aW9uIjoi',
  'X-Amz-Signature': '5d672d79',
};
