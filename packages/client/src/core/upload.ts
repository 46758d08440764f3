import type { Upload, UploadResult, UploadSource } from '../contract.ts';
import { asError, NetworkError, UploadError } from './errors.ts';
import type { Meter } from './meter.ts';
import type { Session } from './session.ts';

/** Why a run ended before its end. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** How long a cancelled upload's DELETE may take, in milliseconds, before `cancel` resolves without it. */
const DISCARD_MS = 5_000;

interface UploadParts {
  readonly source: UploadSource;
  readonly session: Session;
  readonly meter: Meter;
  /** Waits for a place among the files under way; resolves to what gives it back. Rejects with the signal's reason. */
  readonly place: (signal: AbortSignal) => Promise<() => void>;
  /** Called once, when the upload has settled. */
  readonly onEnd: () => void;
}

/** Drives a session: places, pauses, and the one end that `done` tells of. */
export const createUpload = ({ source, session, meter, place, onEnd }: UploadParts): Upload => {
  let run = new AbortController();
  let paused = false;
  let settled = false;
  let unpause: (() => void) | undefined;
  let settle: { resolve: (result: UploadResult) => void; reject: (error: UploadError) => void } | undefined;
  const done = new Promise<UploadResult>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever only subscribes sees the failure in `progress`; it must not end the process as an unhandled rejection.
  done.catch(() => undefined);

  const end = (state: 'done' | 'failed' | 'cancelled', tell: () => void): void => {
    if (settled) return;
    settled = true;
    meter.state(state);
    meter.close();
    onEnd();
    tell();
  };
  const fail = (error: unknown): void => {
    const known =
      error instanceof UploadError
        ? error
        : new UploadError(error instanceof NetworkError ? 'UNREACHABLE' : 'BAD_ANSWER', asError(error).message, {
            cause: error,
          });
    end(known.code === 'CANCELLED' ? 'cancelled' : 'failed', () => settle?.reject(known));
  };

  const once = async (signal: AbortSignal): Promise<void> => {
    const leave = await place(signal);
    try {
      const result = await session.run(signal);
      end('done', () => settle?.resolve(result));
    } finally {
      leave();
    }
  };
  const drive = async (): Promise<void> => {
    while (!settled) {
      if (paused) {
        await new Promise<void>((resolve) => {
          unpause = resolve;
        });
        continue;
      }
      const { signal } = run;
      try {
        await once(signal);
      } catch (error) {
        if (signal.aborted && signal.reason instanceof Interrupted) continue;
        fail(signal.aborted ? signal.reason : error);
      }
    }
  };

  const upload: Upload = {
    source,
    get imageId() {
      return session.imageId();
    },
    get progress() {
      return meter.progress();
    },
    done,
    subscribe: meter.subscribe,
    pause: () => {
      if (paused || settled) return;
      paused = true;
      run.abort(new Interrupted('paused'));
      meter.state('paused');
    },
    resume: () => {
      if (!paused || settled) return;
      paused = false;
      run = new AbortController();
      meter.state('waiting');
      unpause?.();
    },
    cancel: async () => {
      if (settled) return;
      const cancelled = new UploadError('CANCELLED', 'the upload was cancelled');
      fail(cancelled);
      run.abort(cancelled);
      unpause?.();
      await session.discard(AbortSignal.timeout(DISCARD_MS));
    },
  };
  void drive();
  return upload;
};
