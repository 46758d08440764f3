import { expected } from '@darkroom/runtime/errors';
import { ProtocolError } from '../tus/errors.ts';
import { booleanField } from './fields.ts';

/** Where the problem types of the draft are registered (§7). */
const REGISTRY = 'https://iana.org/assignments/http-problem-types';

/** §4.4 and §7.1: 409 with the offset that the upload has. */
export const mismatchingOffset = (provided: number, actual: number): ProtocolError =>
  new ProtocolError('CONFLICT', expected(String(actual), 'Upload-Offset', provided), {
    headers: { 'Upload-Offset': String(actual), 'Upload-Complete': booleanField(false) },
    problem: {
      type: `${REGISTRY}#mismatching-upload-offset`,
      title: 'offset from request does not match offset of resource',
      'expected-offset': actual,
      'provided-offset': provided,
    },
  });

/** §4.1.3 and §7.3: 400 when two indications of the length differ. Lengths in bytes. */
export const inconsistentLength = (announced: number, received: number): ProtocolError =>
  new ProtocolError('INVALID_REQUEST', expected(`${announced} bytes`, 'the length of the upload', received), {
    headers: { 'Upload-Complete': booleanField(false) },
    problem: { type: `${REGISTRY}#inconsistent-upload-length`, title: 'inconsistent length values for upload' },
  });
