import { counted } from '../words.ts';
import { isRefusal } from './codes.ts';
import { stateWords } from './describe.ts';
import type { ItemState, Phase } from './item.ts';

/** What a screen reader is told. Progress is not: a reader that wants it finds the bars. */

/** How several photographs in the same new state are told together. */
const TOGETHER: Partial<Record<Phase, string>> = {
  paused: 'paused',
  offline: 'offline',
  stored: 'stored',
  ready: 'ready',
  held: 'held back',
  rejected: 'refused',
  broken: 'failed',
  failed: 'not sent',
};

/** Whether a change of phase is worth a word. */
const isNews = (state: ItemState, before: Phase): boolean => {
  if (state.phase === before) return false;
  if (state.phase === 'uploading') return before === 'paused' || before === 'offline';
  return TOGETHER[state.phase] !== undefined;
};

export interface AnnouncerPorts {
  /** Puts a text into the live region. */
  readonly say: (text: string) => void;
  /** Calls back once after so many milliseconds. */
  readonly after: (milliseconds: number, callback: () => void) => void;
}

/** Long enough to gather what a link that comes back, or "Pause all", does to many uploads at once. */
const GATHER_MS = 1000;
/** Up to so many photographs are told by name. */
const BY_NAME = 2;

const groupWords = (states: readonly ItemState[]): string => {
  const counts = new Map<string, number>();
  for (const { phase, failure } of states) {
    const refused = phase === 'failed' && failure !== null && isRefusal(failure.code);
    const word = refused ? 'refused' : (TOGETHER[phase] ?? 'going on');
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${counted(count, 'photograph')} ${word}`).join(', ');
};

/** Gathers changes for a second and tells them in one sentence: by name when few, as counts when many. */
export const createAnnouncer = ({ say, after }: AnnouncerPorts) => {
  const news = new Map<string, ItemState>();
  const flush = () => {
    const states = [...news.values()];
    news.clear();
    say(
      states.length <= BY_NAME
        ? states.map((state) => `${state.name}: ${stateWords(state)}`).join('. ')
        : groupWords(states),
    );
  };
  return (state: ItemState, before: Phase): void => {
    if (!isNews(state, before)) return;
    if (news.size === 0) after(GATHER_MS, flush);
    news.set(state.key, state);
  };
};
