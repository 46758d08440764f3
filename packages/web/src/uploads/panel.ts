import { one, setText } from '../dom.ts';
import { createAnnouncer } from './announce.ts';
import { overall } from './describe.ts';
import { filesOf, leftOutWords, sorted } from './files.ts';
import { createItemView, type ItemView } from './item-view.ts';
import { isUnderWay, type Phase } from './item.ts';
import type { Session, SessionEvents } from './session.ts';

export interface PanelOptions {
  readonly createSession: (events: SessionEvents) => Session;
  /** Called when an image has come to its end, so that the gallery can look. */
  readonly onDeveloped: () => void;
  /** False: a reload loses what is under way, so leaving asks first. */
  readonly keeps: boolean;
}

/** Phases in which the gallery shows the image. */
const IN_CATALOGUE: readonly Phase[] = ['developing', 'ready', 'held', 'rejected', 'broken'];

const byId = <T extends Element>(id: string, kind: new () => T): T => one(document, `#${id}`, kind);

/** The upload part of the page: pickers, drops, pastes, the list and its line of all together. */
export const startPanel = ({ createSession, onDeveloped, keeps }: PanelOptions): Session => {
  const views = new Map<string, ItemView>();
  const list = byId('uploads', HTMLOListElement);
  const pauseAll = byId('pause-all', HTMLButtonElement);
  const announce = createAnnouncer({
    say: (text) => setText(byId('announcer', HTMLElement), text),
    after: (milliseconds, callback) => void setTimeout(callback, milliseconds),
  });

  const showOverall = (): void => {
    const all = overall(session.states());
    const clear = byId('clear', HTMLButtonElement);
    byId('uploads-section', HTMLElement).hidden = views.size === 0;
    setText(byId('overall', HTMLElement), all.words);
    byId('overall-bar', HTMLProgressElement).value = all.share;
    byId('overall-bar', HTMLProgressElement).hidden = !all.mayPause && !all.mayResume;
    setText(pauseAll, all.mayPause ? 'Pause all' : 'Resume all');
    if (!all.mayPause && !all.mayResume && document.activeElement === pauseAll) clear.focus();
    pauseAll.hidden = !all.mayPause && !all.mayResume;
    clear.hidden = !all.anyOver;
  };

  /** Once a frame at most: a hundred uploads tell ten times a second each. */
  let isAsked = false;
  const askOverall = (): void => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      showOverall();
    }, 100);
  };

  const focusNear = (element: HTMLElement): void => {
    const near = element.nextElementSibling ?? element.previousElementSibling;
    const view = [...views.values()].find((other) => other.element === near);
    if (view === undefined) byId('pick-files', HTMLInputElement).focus();
    else view.focus();
  };

  const session = createSession({
    onAdded: (entry) => {
      const { key } = entry.item.state;
      const view = createItemView(entry, () => session.remove(key));
      views.set(key, view);
      list.append(view.element);
      showOverall();
    },
    onChange: (state, before) => {
      views.get(state.key)?.update(state);
      announce(state, before);
      askOverall();
      if (state.phase !== before && IN_CATALOGUE.includes(state.phase)) onDeveloped();
    },
    onRemoved: (key) => {
      const view = views.get(key);
      views.delete(key);
      if (view?.element.contains(document.activeElement) === true) focusNear(view.element);
      view?.element.remove();
      showOverall();
    },
  });

  pauseAll.onclick = () => (pauseAll.textContent === 'Pause all' ? session.pauseAll() : session.resumeAll());
  byId('clear', HTMLButtonElement).onclick = () => {
    byId('uploads-title', HTMLElement).focus();
    session.clear();
    if (views.size === 0) byId('pick-files', HTMLInputElement).focus();
  };
  wirePickers(session);
  if (!keeps) {
    addEventListener('beforeunload', (event) => {
      if (session.states().some(({ phase }) => isUnderWay(phase))) event.preventDefault();
    });
  }
  return session;
};

const take = (session: Session, files: readonly File[]): void => {
  const { images, leftOut } = sorted(files);
  const words = byId('left-out', HTMLElement);
  setText(words, leftOutWords(leftOut));
  words.hidden = leftOut.length === 0;
  session.add(images, { smaller: byId('smaller', HTMLInputElement).checked });
};

const carriesFiles = (data: DataTransfer | null): data is DataTransfer => data?.types.includes('Files') === true;

const wirePickers = (session: Session): void => {
  for (const id of ['pick-files', 'pick-camera', 'pick-folder']) {
    const input = byId(id, HTMLInputElement);
    input.addEventListener('change', () => {
      take(session, [...(input.files ?? [])]);
      // So that choosing the same file again is a change, too.
      input.value = '';
    });
  }
  const drop = byId('drop', HTMLElement);
  const mark = (event: DragEvent, over: boolean): void => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    drop.classList.toggle('over', over);
  };
  document.addEventListener('dragover', (event) => mark(event, true));
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(event, false);
  });
  document.addEventListener('drop', (event) => {
    mark(event, false);
    if (carriesFiles(event.dataTransfer)) void filesOf(event.dataTransfer).then((files) => take(session, files));
  });
  document.addEventListener('paste', (event) => {
    if (carriesFiles(event.clipboardData)) void filesOf(event.clipboardData).then((files) => take(session, files));
  });
};
