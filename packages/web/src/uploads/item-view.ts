import { copyOf, make, one, setText } from '../dom.ts';
import { openViewer } from '../gallery/viewer.ts';
import { renditionRows, renditionsSummary, setSources } from '../renditions.ts';
import { drawPreview } from './browser.ts';
import { detailWords, mayRetry, share, type Step, stateWords, steps } from './describe.ts';
import { type Item, isUnderWay, type ItemState } from './item.ts';
import type { Entry } from './session.ts';

export interface ItemView {
  readonly element: HTMLElement;
  readonly update: (state: ItemState) => void;
  /** Puts the focus where it makes sense after something near has gone. */
  readonly focus: () => void;
}

/** Width of the shown picture in CSS pixels, as in the style sheet. */
const SIZES = '4.5rem';
const WIDTHS = [160, 320];

const MARK_WORDS: Readonly<Record<Step['mark'], string>> = {
  done: 'done',
  now: 'now',
  later: 'to come',
  bad: 'failed',
};

const stepItem = ({ name, mark, time }: Step): HTMLLIElement => {
  const item = make(
    'li',
    `step ${mark}`,
    make('span', 'step-name', name),
    make('span', 'unseen', ` ${MARK_WORDS[mark]} `),
  );
  if (time !== '') item.append(make('span', 'step-time', time));
  return item;
};

const showSteps = (list: HTMLOListElement, state: ItemState): void => {
  const all = steps(state);
  const said = JSON.stringify(all);
  if (list.dataset['said'] === said) return;
  list.dataset['said'] = said;
  list.hidden = all.length === 0;
  list.replaceChildren(...all.map(stepItem));
};

/** Hides or shows a button. One that has the focus gives it to `heir` first, so that a keyboard user stays where he was. */
const setShown = (button: HTMLButtonElement, shown: boolean, heir: HTMLElement): void => {
  if (!shown && document.activeElement === button) heir.focus();
  button.hidden = !shown;
};

const ACTIONS = ['toggle', 'retry', 'open', 'remove'] as const;
type Buttons = Readonly<Record<(typeof ACTIONS)[number], HTMLButtonElement>>;

const label = (button: HTMLButtonElement, word: string, name: string): void => {
  setText(button, word);
  const full = `${word}: ${name}`;
  if (button.getAttribute('aria-label') !== full) button.setAttribute('aria-label', full);
};

const showButtons = (buttons: Buttons, state: ItemState, heir: HTMLElement): void => {
  const { phase, name } = state;
  label(buttons.toggle, phase === 'paused' ? 'Resume' : 'Pause', name);
  label(buttons.retry, 'Try again', name);
  label(buttons.remove, isUnderWay(phase) ? 'Cancel' : 'Remove', name);
  setShown(buttons.toggle, isUnderWay(phase) && phase !== 'completing', heir);
  label(buttons.open, 'Open', name);
  setShown(buttons.open, phase === 'ready', heir);
  setShown(buttons.retry, mayRetry(state), heir);
};

const showPicture = (root: HTMLElement, state: ItemState): void => {
  const picture = one(root, '.preview img', HTMLImageElement);
  const url = state.image?.url ?? null;
  if (url === null || picture.src !== '') return;
  picture.alt = state.name;
  picture.onload = () => {
    picture.hidden = false;
    one(root, 'canvas', HTMLCanvasElement).hidden = true;
  };
  setSources(picture, url, { widths: WIDTHS, sizes: SIZES, low: false });
};

const showRenditions = (root: HTMLElement, { image }: ItemState): void => {
  const details = one(root, 'details', HTMLDetailsElement);
  if (image?.status !== 'READY' || !details.hidden) return;
  details.hidden = false;
  one(details, 'summary', HTMLElement).textContent = renditionsSummary(image);
  one(details, 'tbody', HTMLElement).replaceChildren(...renditionRows(image));
};

const showBar = (bar: HTMLProgressElement, state: ItemState): void => {
  bar.value = share(state);
  bar.hidden = !isUnderWay(state.phase) && !(state.phase === 'failed' && mayRetry(state));
};

/** The row of one photograph. `onRemove` is called for Cancel and for Remove. */
export const createItemView = ({ item, blob }: Entry, onRemove: () => void): ItemView => {
  const element = copyOf('#upload');
  const name = one(element, '.name', HTMLElement);
  const bar = one(element, 'progress', HTMLProgressElement);
  const list = one(element, '.steps', HTMLOListElement);
  const button = (action: string) => one(element, `[data-action=${action}]`, HTMLButtonElement);
  const buttons = Object.fromEntries(ACTIONS.map((action) => [action, button(action)])) as Buttons;

  name.textContent = item.state.name;
  bar.setAttribute('aria-label', `Sending ${item.state.name}`);
  list.setAttribute('aria-label', `The way of ${item.state.name}`);
  if (blob !== null) drawPreview(blob, one(element, 'canvas', HTMLCanvasElement));
  wire(buttons, item, onRemove);

  const update = (state: ItemState): void => {
    element.dataset['phase'] = state.phase;
    setText(one(element, '.state', HTMLElement), stateWords(state));
    setText(one(element, '.detail', HTMLElement), detailWords(state));
    showBar(bar, state);
    showSteps(list, state);
    showPicture(element, state);
    showRenditions(element, state);
    showButtons(buttons, state, name);
  };
  update(item.state);
  return { element, update, focus: () => name.focus() };
};

const wire = (buttons: Buttons, item: Item, onRemove: () => void): void => {
  buttons.toggle.onclick = () => (item.state.phase === 'paused' ? item.resume() : item.pause());
  buttons.retry.onclick = () => item.retry();
  buttons.open.onclick = () => {
    if (item.state.image !== null) openViewer(item.state.image, false);
  };
  buttons.remove.onclick = onRemove;
};
