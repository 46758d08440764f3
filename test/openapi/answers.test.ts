import { type ApiErrorCode, apiErrorStatus, rejectCodes } from '../../packages/types/src/codes.ts';
import { errorsOf, routes } from '../../packages/types/src/routes.ts';
import { startSystem } from '../support/system.ts';
import type { Bench } from './support/bench.ts';
import { describeCompanion } from './support/companion.ts';
import { describeFiles } from './support/files.ts';
import { describeImages } from './support/images.ts';
import { createRecorder } from './support/recorder.ts';
import { describeTokens } from './support/tokens.ts';
import { describeUploads } from './support/uploads.ts';
import { photograph } from './support/uploading.ts';

const bench = {} as Bench;

beforeAll(async () => {
  bench.system = await startSystem();
  bench.recorder = createRecorder(bench.system.api);
  bench.photo = await photograph();
}, 120_000);
afterAll(() => bench.system.stop(), 30_000);

describeUploads(bench);
describeImages(bench);
describeCompanion(bench);
describeFiles(bench);
describeTokens(bench);

/** Errors that a test on a healthy system cannot provoke; units do. */
const NOT_PROVOKED = new Set(['INTERNAL', 'UNAVAILABLE']);

/** Documented answers that take an accident to see, each with the accident. */
const ACCIDENTS: Readonly<Record<string, string>> = {
  'appendFile 409 UPLOAD_INCOMPLETE': 'a chunk vanishes between its listing and its reading',
};

describe('the document as a whole', () => {
  it('has no success that was not seen', () => {
    const seen = new Set(bench.recorder.seen.map(({ id, status }) => `${id} ${status}`));
    const documented = routes.flatMap(({ id, answers }) => Object.keys(answers).map((status) => `${id} ${status}`));
    expect(documented.filter((each) => !seen.has(each))).toEqual([]);
  });

  it('has no error that was not seen', () => {
    const seen = new Set(bench.recorder.seen.map(({ id, status, code }) => `${id} ${status} ${code ?? ''}`));
    const unseen = routes.flatMap((route) =>
      errorsOf(route).flatMap(({ code, status }) => {
        // An answer to HEAD has no body and so no code; one verdict stands for all, which have tests of their own.
        const isVerdict =
          code in rejectCodes && !(code in apiErrorStatus && apiErrorStatus[code as ApiErrorCode] === status);
        const names = route.method === 'HEAD' ? [''] : isVerdict ? Object.keys(rejectCodes) : [code];
        const wasSeen = names.some((name) => seen.has(`${route.id} ${status} ${name}`));
        const name = `${route.id} ${status} ${code}`;
        return wasSeen || NOT_PROVOKED.has(code) || name in ACCIDENTS ? [] : [name];
      }),
    );
    expect(unseen).toEqual([]);
  });
});
