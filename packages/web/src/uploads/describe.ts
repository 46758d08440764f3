import { bytesOf, counted, duration, rate, timeLeft } from '../words.ts';
import { isRefusal, isWorthRetrying } from './codes.ts';
import { isOver, isUnderWay, type ItemState, type Phase } from './item.ts';

/** Texts on one photograph, made from its state alone. */

const PLAIN: Readonly<Record<Exclude<Phase, Spoken>, string>> = {
  preparing: 'Getting ready',
  waiting: 'Waiting',
  uploading: 'Sending',
  paused: 'Paused',
  offline: 'Offline: goes on when the link is back',
  completing: 'Sent, being put together',
  stored: 'Stored, waiting to be developed',
  developing: 'Being developed',
  ready: 'Ready',
  held: 'Held back until somebody has looked at it',
  cancelled: 'Cancelled',
};

type Spoken = 'failed' | 'rejected' | 'broken';

/** States that come with a reason. */
const WITH_REASON: Readonly<Record<Spoken, (state: ItemState) => string>> = {
  failed: ({ failure }) => {
    if (failure === null) return 'Not sent';
    return `${isRefusal(failure.code) ? 'Refused' : 'Not sent'}: ${failure.message}`;
  },
  rejected: ({ image }) => `Refused: ${image?.reason?.message ?? 'no reason was given'}`,
  broken: ({ image }) => `Failed: ${image?.reason?.message ?? 'something went wrong on the server'}`,
};

const hasReason = (phase: Phase): phase is Spoken => phase in WITH_REASON;

/** The state in words, with the reason where there is one. */
export const stateWords = (state: ItemState): string => {
  const { phase, trouble } = state;
  if (hasReason(phase)) return WITH_REASON[phase](state);
  if (trouble !== null && !isOver(phase)) return `Stored. What becomes of it cannot be seen now: ${trouble}`;
  if (state.restored && phase === 'uploading') return 'Sending, from where it stopped';
  return PLAIN[phase];
};

/** Whether "Try again" can help. */
export const mayRetry = ({ phase, failure }: ItemState): boolean =>
  phase === 'broken' || (phase === 'failed' && failure !== null && isWorthRetrying(failure.code));

/** Bytes, rate and time left, as far as they are known; empty when nothing is being sent. */
export const detailWords = ({ phase, size, progress }: ItemState): string => {
  if (!isUnderWay(phase) || progress === null) return '';
  const parts = [bytesOf(progress.sentBytes, size)];
  if (phase === 'uploading') {
    if (progress.bytesPerSecond !== null && progress.bytesPerSecond > 0) parts.push(rate(progress.bytesPerSecond));
    if (progress.secondsLeft !== null) parts.push(timeLeft(progress.secondsLeft));
    if (progress.bytesPerSecond === 0) parts.push('nothing gets through at the moment');
  }
  return parts.join(' · ');
};

/** How much of the bar is full, 0 to 1. */
export const share = ({ phase, progress, size }: ItemState): number => {
  if (!isUnderWay(phase) && phase !== 'failed') return phase === 'cancelled' ? 0 : 1;
  return progress === null || size === 0 ? 0 : Math.min(1, progress.sentBytes / size);
};

export interface Step {
  readonly name: string;
  readonly mark: 'done' | 'now' | 'later' | 'bad';
  /** What it took, or an empty text. */
  readonly time: string;
}

const span = (from: number | null, to: number | null): string =>
  from === null || to === null ? '' : duration(Math.max(0, to - from));

/** The first look comes half a second after storing, and later ones are further apart: no finer than this is known. */
const GRAIN_MS = 100;

/** How long the image waited for the pipeline, in milliseconds; null when it was first seen already judged. */
const waited = ({ stored, claimed }: ItemState['moments']): number | null =>
  stored === null || claimed === null ? null : Math.max(0, Math.round((claimed - stored) / GRAIN_MS) * GRAIN_MS);

/** From being stored to the verdict by the server's clock, less the wait that is told on its own. */
const developingTime = ({ image, moments }: ItemState): string => {
  if (image === null) return '';
  const whole = Date.parse(image.updatedAt) - Date.parse(image.uploadedAt);
  return duration(Math.max(0, whole - (waited(moments) ?? 0)));
};

const waitedTime = (state: ItemState): string => {
  const milliseconds = waited(state.moments);
  return milliseconds === null ? '' : duration(milliseconds);
};

const END_NAMES: Partial<Record<Phase, string>> = { held: 'Held back', rejected: 'Refused', broken: 'Failed' };

/** Steps behind a phase: how many of the four are done. */
const STEPS_DONE: Partial<Record<Phase, number>> = {
  completing: 1,
  stored: 2,
  developing: 3,
  ready: 4,
  held: 4,
  rejected: 3,
  broken: 3,
};

/** The way through the pipeline: sent, stored, picked up, ready, each with what it took. Empty before all is sent. */
export const steps = (state: ItemState): readonly Step[] => {
  const { phase, moments } = state;
  const done = STEPS_DONE[phase];
  if (done === undefined) return [];
  const sentAt = moments.completing ?? moments.stored;
  const all: [string, string][] = [
    // What an earlier page sent took time that nobody measured.
    ['Sent', state.restored ? '' : span(moments.sending, sentAt)],
    ['Stored', span(moments.completing, moments.stored)],
    ['Picked up', waitedTime(state)],
    [END_NAMES[phase] ?? 'Ready', isOver(phase) ? developingTime(state) : ''],
  ];
  const isBad = phase === 'rejected' || phase === 'broken';
  const markOf = (index: number): Step['mark'] => {
    if (index < done) return 'done';
    if (index > done) return 'later';
    return isBad ? 'bad' : 'now';
  };
  return all.map(([name, time], index) => ({ name, mark: markOf(index), time: index < done || isBad ? time : '' }));
};

export interface Overall {
  readonly words: string;
  /** 0 to 1. */
  readonly share: number;
  readonly mayPause: boolean;
  readonly mayResume: boolean;
  readonly anyOver: boolean;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const isStopped = ({ phase }: ItemState): boolean => phase === 'paused';

/** Time left of all together; null when no honest figure is known. */
const overallLeft = (underWay: readonly ItemState[]): { perSecond: number; seconds: number | null } => {
  const perSecond = sum(
    underWay.map(({ phase, progress }) => (phase === 'uploading' ? (progress?.bytesPerSecond ?? 0) : 0)),
  );
  const known = underWay.some(({ progress }) => typeof progress?.secondsLeft === 'number');
  const left = sum(
    underWay.filter((state) => !isStopped(state)).map(({ size, progress }) => size - (progress?.sentBytes ?? 0)),
  );
  return { perSecond, seconds: known && perSecond > 0 ? left / perSecond : null };
};

/** One line and one bar for all photographs. Cancelled and refused ones are not counted as bytes to send. */
export const overall = (states: readonly ItemState[]): Overall => {
  const wanted = states.filter(({ phase }) => phase !== 'cancelled' && phase !== 'failed');
  const underWay = wanted.filter(({ phase }) => isUnderWay(phase));
  const total = sum(wanted.map(({ size }) => size));
  const sent = sum(wanted.map((state) => state.size * share(state)));
  const parts: string[] = [];
  if (wanted.length > 0)
    parts.push(`${wanted.length - underWay.length} of ${counted(wanted.length, 'photograph')} sent`);
  if (underWay.length > 0) {
    const { perSecond, seconds } = overallLeft(underWay);
    parts.push(bytesOf(Math.round(sent), total));
    if (perSecond > 0) parts.push(rate(perSecond));
    if (seconds !== null) parts.push(timeLeft(seconds));
  }
  const failed = states.filter(({ phase }) => phase === 'failed' || phase === 'rejected' || phase === 'broken').length;
  if (failed > 0) parts.push(`${failed} not taken`);
  return {
    words: parts.join(' · '),
    share: total === 0 ? 0 : sent / total,
    mayPause: underWay.some((state) => !isStopped(state) && state.phase !== 'completing'),
    mayResume: underWay.some(isStopped),
    anyOver: states.some(({ phase }) => isOver(phase)),
  };
};
