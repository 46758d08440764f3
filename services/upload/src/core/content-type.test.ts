import { DarkroomError } from '@darkroom/runtime/errors';
import { acceptContentType } from './content-type.ts';

const refusal = (declared: string): DarkroomError => {
  try {
    acceptContentType(declared);
  } catch (error) {
    if (error instanceof DarkroomError) return error;
    throw error;
  }
  throw new Error(`expected ${declared} to be refused`);
};

describe('acceptContentType', () => {
  it.each([
    ['image/jpeg', 'image/jpeg'],
    ['IMAGE/JPEG', 'image/jpeg'],
    ['image/jpg', 'image/jpeg'],
    ['image/pjpeg', 'image/jpeg'],
    ['image/png', 'image/png'],
    ['image/webp', 'image/webp'],
    ['image/avif', 'image/avif'],
    ['image/gif', 'image/gif'],
    ['image/heic', 'image/heic'],
    ['image/HEIF', 'image/heic'],
    ['image/heic-sequence', 'image/heic'],
    ['image/apng', 'image/png'],
  ])('takes %s as %s', (declared, registered) => {
    expect(acceptContentType(declared)).toBe(registered);
  });

  it.each(['image/svg+xml', 'image/tiff', 'application/pdf', 'text/html', 'image/jpeg; charset=utf-8', 'jpeg'])(
    'refuses %s with the list of what it takes',
    (declared) => {
      const error = refusal(declared);
      expect(error.code).toBe('UNSUPPORTED_FORMAT');
      expect(error.status).toBe(415);
      expect(error.message).toContain('image/jpeg, image/png, image/webp, image/avif, image/gif, image/heic');
    },
  );
});
