import type { UploadProgress } from '@darkroom/client';
import type { PublicImage } from '@darkroom/types/api';
import { detailWords, mayRetry, overall, share, stateWords, steps } from './describe.ts';
import type { ItemState } from './item.ts';

const progress = (change: Partial<UploadProgress> = {}): UploadProgress => ({
  state: 'uploading',
  sentBytes: 500_000,
  confirmedBytes: 400_000,
  totalBytes: 1_000_000,
  bytesPerSecond: 100_000,
  secondsLeft: 5,
  transport: 'chunks',
  wireBytes: 500_000,
  retries: 0,
  ...change,
});

const item = (change: Partial<ItemState> = {}): ItemState => ({
  key: 'photo-1',
  name: 'a.jpg',
  size: 1_000_000,
  restored: false,
  phase: 'uploading',
  progress: progress(),
  failure: null,
  image: null,
  trouble: null,
  moments: { sending: null, completing: null, stored: null, claimed: null },
  ...change,
});

const image = (change: Partial<PublicImage>): PublicImage =>
  ({
    status: 'READY',
    reason: null,
    uploadedAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:02.100Z',
    ...change,
  }) as PublicImage;

const failed = (code: string, message = 'for the test') => item({ phase: 'failed', failure: { code, message } });

describe('one photograph in words', () => {
  it('tells a refusal from a failure, each with its reason', () => {
    expect(stateWords(failed('TOO_LARGE', 'too many pixels'))).toBe('Refused: too many pixels');
    expect(stateWords(failed('UNREACHABLE', 'no link'))).toBe('Not sent: no link');
    const reason = { code: 'BAD_ASPECT' as const, message: 'too thin' };
    expect(stateWords(item({ phase: 'rejected', image: image({ status: 'REJECTED', reason }) }))).toBe(
      'Refused: too thin',
    );
  });

  it('tells what is held back from what is refused, and offers no second try', () => {
    const held = item({ phase: 'held', image: image({ status: 'REVIEW' }) });
    expect(stateWords(held)).toBe('Held back until somebody has looked at it');
    expect(mayRetry(held)).toBe(false);
    expect(steps(held).map(({ name, mark }) => [name, mark])).toEqual([
      ['Sent', 'done'],
      ['Stored', 'done'],
      ['Picked up', 'done'],
      ['Held back', 'done'],
    ]);
    expect(overall([held]).anyOver).toBe(true);
  });

  it('offers to try again only where that can help', () => {
    expect(mayRetry(failed('UNREACHABLE'))).toBe(true);
    expect(mayRetry(failed('CHECKSUM_MISMATCH'))).toBe(true);
    expect(mayRetry(failed('TOO_LARGE'))).toBe(false);
    expect(mayRetry(failed('SOURCE_CHANGED'))).toBe(false);
    expect(mayRetry(item({ phase: 'broken' }))).toBe(true);
  });

  it('shows bytes, rate and time left, and no guess', () => {
    expect(detailWords(item())).toBe('500 kB of 1.0 MB · 100 kB/s · about 5 s left');
    expect(detailWords(item({ progress: progress({ bytesPerSecond: null, secondsLeft: null }) }))).toBe(
      '500 kB of 1.0 MB',
    );
    expect(detailWords(item({ progress: progress({ bytesPerSecond: 0, secondsLeft: null }) }))).toBe(
      '500 kB of 1.0 MB · nothing gets through at the moment',
    );
    expect(detailWords(item({ phase: 'paused' }))).toBe('500 kB of 1.0 MB');
    expect(detailWords(item({ phase: 'ready' }))).toBe('');
  });

  it('says when its way cannot be seen', () => {
    expect(stateWords(item({ phase: 'stored', trouble: 'The API does not answer.' }))).toContain('cannot be seen now');
    expect(stateWords(item({ phase: 'ready', trouble: 'The API does not answer.' }))).toBe('Ready');
  });

  it('fills the bar by what was sent', () => {
    expect(share(item())).toBe(0.5);
    expect(share(item({ phase: 'stored', progress: null }))).toBe(1);
    expect(share(item({ phase: 'waiting', progress: null }))).toBe(0);
  });
});

describe('the way through the pipeline', () => {
  const moments = { sending: 1000, completing: 4100, stored: 4500, claimed: 5210 };

  it('has no steps before all is sent', () => {
    expect(steps(item())).toEqual([]);
  });

  it('times each step once it is done; waiting and developing add up to what the server measured', () => {
    const done = steps(item({ phase: 'ready', moments, image: image({}) }));
    expect(done.map(({ name, mark, time }) => `${name} ${mark} ${time}`)).toEqual([
      'Sent done 3.1 s',
      'Stored done 400 ms',
      'Picked up done 700 ms',
      'Ready done 1.4 s',
    ]);
  });

  it('gives no time for what an earlier page began to send', () => {
    expect(steps(item({ phase: 'ready', moments, restored: true, image: image({}) }))[0]!.time).toBe('');
  });

  it('marks where it is', () => {
    const now = steps(item({ phase: 'developing', moments, image: image({ status: 'PROCESSING' }) }));
    expect(now.map(({ mark }) => mark)).toEqual(['done', 'done', 'done', 'now']);
    expect(now[3]!.time).toBe('');
  });

  it('ends badly where it was refused', () => {
    const bad = steps(
      item({ phase: 'rejected', moments: { ...moments, claimed: null }, image: image({ status: 'REJECTED' }) }),
    );
    expect(bad[3]).toEqual({ name: 'Refused', mark: 'bad', time: '2.1 s' });
  });
});

describe('all photographs together', () => {
  it('adds up bytes and rates, and leaves out what is not sent', () => {
    const all = overall([
      item(),
      item({ phase: 'ready', progress: null }),
      item({ phase: 'waiting', progress: null }),
      item({ phase: 'cancelled' }),
      failed('TOO_LARGE'),
    ]);
    expect(all.words).toBe('1 of 3 photographs sent · 1.5 of 3.0 MB · 100 kB/s · about 15 s left · 1 not taken');
    expect(all.share).toBe(0.5);
    expect(all).toMatchObject({ mayPause: true, mayResume: false, anyOver: true });
  });

  it('gives no time when nobody knows one', () => {
    const all = overall([item({ phase: 'offline', progress: progress({ bytesPerSecond: null, secondsLeft: null }) })]);
    expect(all.words).toBe('0 of 1 photograph sent · 500 kB of 1.0 MB');
  });

  it('offers to resume when all are paused', () => {
    expect(overall([item({ phase: 'paused' })])).toMatchObject({ mayPause: false, mayResume: true });
    expect(overall([])).toMatchObject({ words: '', share: 0, mayPause: false, mayResume: false });
  });
});
