import type { CreateUploadRequest, CreateUploadResponse, PostForm } from '@darkroom/types/api';
import type { ResumeRecord, ResumeStore, UploaderOptions, UploadResult, UploadSource } from '../contract.ts';
import { ApiRefusal, type Ticket } from './api.ts';
import { sendChunks } from './chunks.ts';
import { completeUpload, MOST_RESENDS } from './complete.ts';
import { UploadError } from './errors.ts';
import { createLedger, type Piece } from './ledger.ts';
import { MAX_CHUNK, MAX_POST, UNIT } from './link.ts';
import type { Meter } from './meter.ts';
import type { Patience } from './patience.ts';
import { sendPost } from './post.ts';
import { type Job, readSource, type Shared, viaOf } from './run.ts';
import { applySigned, cutPieces, FIRST_BATCH, orderOf } from './signer.ts';

/** One upload from its source to its image, over any number of interruptions. */
export interface Session {
  /** Runs until the image is stored. Aborted, it may be run again, and goes on where it was. */
  readonly run: (signal: AbortSignal) => Promise<UploadResult>;
  /** Gives it up on the server and in the store. */
  readonly discard: (signal: AbortSignal) => Promise<void>;
  readonly imageId: () => string | null;
}

export interface SessionParts {
  readonly shared: Shared;
  readonly options: UploaderOptions;
  readonly store: ResumeStore | null;
  readonly source: UploadSource;
  readonly order: number;
  readonly meter: Meter;
  readonly patience: Patience;
}

/** Codes of the API after which the same file can be sent as a new upload: the old one has ended, not failed. */
const ENDED = new Set(['TOKEN_EXPIRED', 'TOKEN_INVALID', 'NOT_FOUND', 'UPLOAD_GONE']);
/** New uploads begun for one file before its end is believed: a store that forgets at once would loop for ever. */
const MOST_STARTS = 3;

/** Codes after which an upload can still go on later; after any other it is forgotten. */
const RESUMABLE = new Set(['UNREACHABLE', 'STALLED', 'CANCELLED']);

/** A store that fails never fails an upload: the upload is then not remembered, or remembered for nothing. */
const quietly = async <T>(work: Promise<T> | undefined): Promise<T | undefined> => {
  try {
    return await work;
  } catch {
    return undefined;
  }
};

export const createSession = (parts: SessionParts): Session => {
  const { shared, options, store, source, order, meter, patience } = parts;
  const { ports, link, api } = shared;
  const { fingerprint, size } = source;
  const prefer = options.prefer ?? 'auto';

  const newJob = (): Job => ({
    ...shared,
    source,
    order,
    ledger: createLedger(size),
    meter,
    patience,
    whole: { stream: ports.hashStream(), upTo: 0, hex: null },
    fixedChunk: prefer === 'multipart' ? MAX_CHUNK : null,
  });
  let job = newJob();
  let ticket: Ticket | undefined;
  let form: PostForm | undefined;
  let resumed = false;
  let startedAt: number | undefined;
  let sha256: string | null = null;

  const byPost = (): boolean => {
    if (prefer !== 'auto') return prefer === 'post' && size <= MAX_POST;
    return size <= link.postLimit();
  };

  const remember = (answer: CreateUploadResponse): Promise<void> | undefined => {
    if (store === null || fingerprint === null) return undefined;
    const record: ResumeRecord = {
      fingerprint,
      api: options.api,
      imageId: answer.imageId,
      uploadToken: answer.uploadToken,
      expiresAt: Date.parse(answer.expiresAt),
      name: source.name,
      type: source.type,
      size,
      ...(source.blob !== undefined && { blob: source.blob }),
    };
    return store.put(record);
  };
  const forget = async (): Promise<void> => {
    await quietly(fingerprint === null ? undefined : store?.remove(fingerprint));
  };

  /** Which ways the link may allow once the API has answered: until then, it may not have been measured. */
  const ways = (): { post: boolean; chunks: boolean } => {
    if (prefer !== 'auto') return { post: byPost(), chunks: !byPost() };
    const { least, most } = link.postLimits();
    return { post: size <= most, chunks: size > least };
  };
  /** The first pieces, when they are to be signed with the upload itself. */
  const firstPieces = (): Promise<readonly Piece[]> =>
    cutPieces(job, FIRST_BATCH, FIRST_BATCH * (job.fixedChunk ?? UNIT));
  const announcement = (): CreateUploadRequest => ({
    size,
    contentType: source.type,
    ...(source.name !== null && { filename: source.name.slice(-255) }),
    ...(sha256 !== null && { sha256 }),
  });
  const create = async (signal: AbortSignal): Promise<void> => {
    const { post, chunks } = ways();
    const pieces = chunks ? await firstPieces() : [];
    if (post) sha256 = await ports.digest(await readSource(source, 0, size));
    const way = chunks
      ? ({ transport: 'chunks', chunks: pieces.map(orderOf), ...(post && { form: true }) } as const)
      : ({ transport: 'post' } as const);
    const answer = await api.create({ ...announcement(), ...way }, viaOf(job, signal));
    ticket = { imageId: answer.imageId, uploadToken: answer.uploadToken };
    // Before the first byte: what was sent without a record could not be found again.
    await quietly(remember(answer));
    if (answer.upload.kind === 'chunks') applySigned(pieces, answer.upload, ports.now());
    form = answer.upload.kind === 'post' ? answer.upload : answer.form;
  };

  /** What storage holds of an upload that was interrupted. */
  const takeUp = async (known: Ticket, signal: AbortSignal): Promise<void> => {
    const status = await api.status(known, viaOf(job, signal));
    if (status.state === 'complete') job.ledger.finish();
    else {
      for (const piece of job.ledger.inState('sending')) piece.state = 'doubt';
      job.ledger.settle(status.received);
    }
    meter.bytes(job.ledger.storedBytes(), 0);
  };

  const fromStore = async (): Promise<Ticket | undefined> => {
    if (fingerprint === null || store === null) return undefined;
    const record = await quietly(store.get(fingerprint));
    if (record?.api !== options.api || record.size !== size || record.expiresAt <= ports.now()) return undefined;
    return { imageId: record.imageId, uploadToken: record.uploadToken };
  };

  /** Has a ticket at the end: the one at hand, the store's, or a new one. */
  const begin = async (signal: AbortSignal): Promise<void> => {
    if (ticket !== undefined) return takeUp(ticket, signal);
    const known = await fromStore();
    if (known === undefined) return create(signal);
    ticket = known;
    resumed = true;
    return takeUp(known, signal);
  };

  const finish = async (): Promise<UploadResult> => {
    await forget();
    meter.bytes(size, 0);
    return {
      imageId: ticket?.imageId ?? '',
      size,
      sha256: job.whole.hex ?? sha256,
      wireBytes: meter.progress().wireBytes,
      milliseconds: ports.now() - (startedAt ?? ports.now()),
      resumed,
    };
  };

  const byChunks = async (signal: AbortSignal, known: Ticket): Promise<void> => {
    for (let resends = 0; !job.ledger.isFinished(); resends++) {
      meter.state('uploading');
      meter.transport(prefer === 'multipart' ? 'multipart' : 'chunks');
      await sendChunks(job, known, signal);
      if (job.ledger.isFinished() || (await completeUpload(job, known, signal))) return;
      if (resends >= MOST_RESENDS)
        throw new UploadError(
          'CHECKSUM_MISMATCH',
          'expected storage to hold the bytes of the file but it does not, however often they are sent',
        );
    }
  };

  const attempt = async (signal: AbortSignal): Promise<UploadResult> => {
    startedAt ??= ports.now();
    meter.state('uploading');
    await begin(signal);
    const known = ticket as Ticket;
    const first = form;
    form = undefined;
    // The form was asked for before the link was known; a round trip later, chunks may be the better choice.
    if (first !== undefined && !job.ledger.isFinished() && byPost()) {
      if (await sendPost(job, { ticket: known, form: first }, signal)) return finish();
      // The answer may be all that was lost.
      await takeUp(known, signal);
    }
    await byChunks(signal, known);
    return finish();
  };

  /** The upload has ended on the server: the file is sent as a new one. */
  const startAnew = async (): Promise<void> => {
    await forget();
    job = newJob();
    ticket = undefined;
    form = undefined;
    resumed = false;
    meter.bytes(0, 0);
  };

  /** The API knows this upload no longer: it took too long, or was given up elsewhere. */
  const hasEnded = (error: unknown): boolean =>
    ticket !== undefined && error instanceof ApiRefusal && ENDED.has(error.code);
  const isFinal = (error: unknown): boolean => error instanceof UploadError && !RESUMABLE.has(error.code);

  const run = async (signal: AbortSignal, starts = 1): Promise<UploadResult> => {
    try {
      return await attempt(signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (hasEnded(error) && starts < MOST_STARTS) {
        await startAnew();
        return await run(signal, starts + 1);
      }
      if (isFinal(error)) await forget();
      throw error;
    }
  };

  return {
    run: (signal) => run(signal),
    discard: async (signal) => {
      await forget();
      // The lifecycle rule of the bucket ends it anyway.
      if (ticket !== undefined) await quietly(api.remove(ticket, signal));
    },
    imageId: () => ticket?.imageId ?? null,
  };
};
