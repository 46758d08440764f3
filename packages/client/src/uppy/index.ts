import type { Upload, Uploader } from '../contract.ts';
import { createUploader } from '../index.ts';
import type { DarkroomUploadOptions, Listener, UppyFileLike, UppyLike } from './types.ts';
import { type Desk, fingerprintOf, uploadFile } from './upload-file.ts';

export type { DarkroomUploadOptions, UppyFileLike, UppyLike } from './types.ts';

/**
 * An uploader for Uppy 4, 5 and 6: `uppy.use(DarkroomUpload, { api, token })`. Pictures travel by Darkroom's client (micro-chunks on weak
 * links), so that the Dashboard's pause, resume, cancel and retry work on a phone photograph, and an upload goes on after a reload: by itself
 * with Golden Retriever, or when the same file is added again. Needs no Companion; files of remote providers, which do, are refused.
 *
 * Uppy asks of a plugin what it looks like, not what it descends from (`uppy.use` calls `new`, reads `id` and `type`), so this extends no
 * class of `@uppy/core`: there is nothing to install in the right version, and nothing is there twice in a bundle.
 *
 * Success: `upload-success` with `response.body` `{ imageId, size, sha256, resumed }`. Failure: `upload-error` with an `UploadError`, and
 * `response.body.code` the code that the API or the client gave.
 */
export class DarkroomUpload<U extends UppyLike = UppyLike> {
  static readonly VERSION = '0.1.0';
  readonly uppy: U;
  opts: DarkroomUploadOptions;
  readonly id: string;
  readonly type = 'uploader';
  readonly VERSION = DarkroomUpload.VERSION;
  /** It has no words of its own: what it says are sentences of the API and of the client. */
  readonly defaultLocale = { strings: {} };
  readonly i18n = (key: string): string => key;
  readonly i18nArray = (key: string): string[] => [key];

  readonly #underWay = new Map<string, Upload>();
  #own: Uploader | undefined;

  constructor(uppy: U, options: DarkroomUploadOptions) {
    this.uppy = uppy;
    this.opts = options;
    this.id = options.id ?? 'DarkroomUpload';
  }

  install(): void {
    this.#setResumable(true);
    this.uppy.addUploader(this.#upload);
    for (const [event, listener] of this.#listeners) this.uppy.on(event, listener);
  }

  uninstall(): void {
    this.#setResumable(false);
    this.uppy.removeUploader(this.#upload);
    for (const [event, listener] of this.#listeners) this.uppy.off(event, listener);
    this.#closeOwn();
  }

  /** New options hold for files that are added later; those under way end as they began. */
  setOptions(options: Partial<DarkroomUploadOptions>): void {
    this.opts = { ...this.opts, ...options };
    if (this.#underWay.size === 0) this.#closeOwn();
  }

  getPluginState(): Record<string, unknown> {
    const plugins = this.uppy.getState().plugins as Record<string, Record<string, unknown>> | undefined;
    return plugins?.[this.id] ?? {};
  }

  setPluginState(update?: Record<string, unknown>): void {
    const { plugins } = this.uppy.getState();
    this.uppy.setState({ plugins: { ...plugins, [this.id]: { ...this.getPluginState(), ...update } } });
  }

  addTarget(): never {
    throw new Error('expected a plugin that shows something as target but received DarkroomUpload, which does not');
  }

  // Part of what Uppy calls on every plugin; there is nothing to do for one that shows nothing.
  i18nInit(): void {
    return;
  }
  update(): void {
    return;
  }
  afterUpdate(): void {
    return;
  }

  #setResumable(resumableUploads: boolean): void {
    const { capabilities } = this.uppy.getState();
    // Without it the Dashboard has no pause button.
    this.uppy.setState({ capabilities: { ...capabilities, resumableUploads, individualCancellation: true } });
  }

  #uploader(): Uploader {
    if ('uploader' in this.opts) return this.opts.uploader;
    this.#own ??= createUploader(this.opts);
    return this.#own;
  }

  /** An uploader that the page gave is the page's to close. */
  #closeOwn(): void {
    this.#own?.close();
    this.#own = undefined;
  }

  readonly #urlOf = (imageId: string): string | undefined => {
    if (this.opts.imageUrl !== undefined) return this.opts.imageUrl(imageId);
    return 'api' in this.opts ? `${this.opts.api}/images/${imageId}` : undefined;
  };

  readonly #upload = async (fileIds: string[]): Promise<void> => {
    const files = fileIds
      .map((id) => this.uppy.getFile(id))
      // Removed meanwhile, failed in a step before, or complete already when Golden Retriever brought it back.
      .filter((file) => file !== undefined)
      .filter((file) => (file.error ?? '') === '' && file.progress.uploadComplete !== true);
    // A restored file that had started keeps its progress: the event would set it back to nothing.
    const begun = (file: UppyFileLike): boolean => file.isRestored === true && Boolean(file.progress.uploadStarted);
    this.uppy.emit(
      'upload-start',
      files.filter((file) => !begun(file)),
    );
    const desk: Desk = {
      uppy: this.uppy,
      uploader: this.#uploader(),
      underWay: this.#underWay,
      urlOf: this.#urlOf,
    };
    await Promise.all(files.map((file) => uploadFile(desk, file)));
  };

  #cancel(file: UppyFileLike): void {
    const upload = this.#underWay.get(file.id);
    const ended = upload === undefined ? this.#forget(file) : upload.cancel();
    ended.catch((error: unknown) => this.uppy.log(error, 'warning'));
  }

  /** Gives up on the server what an earlier page, or a failed try, left there. */
  async #forget(file: UppyFileLike): Promise<void> {
    if (!(file.data instanceof Blob) || !file.progress.uploadStarted || file.progress.uploadComplete === true) return;
    const uploader = this.#uploader();
    const fingerprint = fingerprintOf(this.uppy, file, file.data.size);
    const record = (await uploader.interrupted()).find((one) => one.fingerprint === fingerprint);
    if (record !== undefined) await uploader.forget(record);
  }

  readonly #listeners: readonly (readonly [string, Listener])[] = [
    [
      'upload-pause',
      (file: UppyFileLike | undefined, isPaused: boolean) => {
        const upload = this.#underWay.get(file?.id ?? '');
        if (isPaused) upload?.pause();
        else upload?.resume();
      },
    ],
    ['pause-all', () => this.#underWay.forEach((upload) => upload.pause())],
    ['resume-all', () => this.#underWay.forEach((upload) => upload.resume())],
    // Uppy's cancelAll removes every file, so this hears of it too.
    ['file-removed', (file: UppyFileLike) => this.#cancel(file)],
  ];
}

export default DarkroomUpload;
