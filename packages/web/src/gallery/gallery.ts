import type { PublicImage } from '@darkroom/types/api';
import { type Api, ApiError } from '../api.ts';
import { copyOf, one, setText } from '../dom.ts';
import { setSources } from '../renditions.ts';
import { placeholder } from './placeholder.ts';
import { openViewer, wireViewer } from './viewer.ts';
import { label, statusText, summaryText } from './words.ts';

const PAGE_SIZE = 60;
/** How often the list is read again, in milliseconds: while something is being developed, and while nothing is. */
const BUSY_MS = 1500;
const QUIET_MS = 15_000;
/** Longest wait while the API does not answer. */
const TROUBLED_MS = 30_000;

const byId = <T extends Element>(id: string, kind: new () => T): T => one(document, `#${id}`, kind);

interface Shown {
  readonly element: HTMLElement;
  image: PublicImage;
}

const paint = ({ element, image }: Shown, low: boolean): void => {
  const picture = one(element, 'img', HTMLImageElement);
  const frame = one(element, '.frame', HTMLElement);
  frame.style.backgroundColor = image.dominantColour ?? '';
  frame.style.backgroundImage = placeholder(image.thumbhash);
  if (image.url !== null)
    setSources(picture, image.url, { widths: [320, 640], sizes: '(max-width: 30rem) 45vw, 12rem', low });
  picture.hidden = image.url === null;
  one(element, '.name', HTMLElement).textContent = label(image);
  const status = one(element, '.status', HTMLElement);
  status.textContent = statusText(image);
  status.classList.toggle('bad', image.reason !== null);
  one(element, '.open', HTMLElement).setAttribute('aria-label', `${label(image)}: ${statusText(image)}`);
};

const sameAs = (known: PublicImage, image: PublicImage): boolean =>
  known.updatedAt === image.updatedAt && known.status === image.status;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'The images cannot be listed.');

/** Whether waiting can help: no answer, or a fault of the server. */
const mayPass = (error: unknown): boolean => error instanceof ApiError && (error.status === 0 || error.status >= 500);

/** The list of images, newest first. Answers a function that makes it look now. */
export const startGallery = (api: Api, notice: (text: string | null) => void): (() => void) => {
  const shown = new Map<string, Shown>();
  const low = byId('low', HTMLInputElement);
  let next: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let reading = false;

  const place = (image: PublicImage, where: 'append' | 'prepend'): void => {
    const known = shown.get(image.imageId);
    if (known !== undefined && sameAs(known.image, image)) return;
    const entry = known ?? { element: copyOf('#card'), image };
    entry.image = image;
    paint(entry, low.checked);
    if (known !== undefined) return;
    shown.set(image.imageId, entry);
    one(entry.element, '.open', HTMLButtonElement).onclick = () => openViewer(entry.image, low.checked);
    byId('gallery', HTMLElement)[where](entry.element);
  };

  const summarise = (): void => {
    const images = [...shown.values()].map(({ image }) => image);
    setText(byId('summary', HTMLElement), summaryText(images));
    byId('empty', HTMLElement).hidden = shown.size > 0;
    byId('more', HTMLElement).hidden = next === null;
  };

  const wait = (): number => {
    if (failures > 0) return Math.min(TROUBLED_MS, BUSY_MS * 2 ** failures);
    return [...shown.values()].some(({ image }) => image.status === 'PROCESSING') ? BUSY_MS : QUIET_MS;
  };

  const read = async (): Promise<void> => {
    const isFirst = shown.size === 0;
    try {
      const page = await api.listImages(null, PAGE_SIZE);
      // Newest first from the API; on later reads new ones go on top, so they are placed oldest first.
      const inOrder = isFirst ? page.images : [...page.images].reverse();
      for (const image of inOrder) place(image, isFirst ? 'append' : 'prepend');
      if (isFirst) next = page.next;
      failures = 0;
      notice(null);
      summarise();
    } catch (error) {
      failures += 1;
      notice(`${messageOf(error)}${mayPass(error) ? ' Trying again by itself.' : ''}`);
      setText(byId('summary', HTMLElement), 'Not connected');
    }
  };

  const look = async (): Promise<void> => {
    clearTimeout(timer);
    if (reading) return;
    reading = true;
    await read();
    reading = false;
    // A page that nobody looks at asks nothing; it looks again when it is seen.
    if (document.visibilityState === 'visible') timer = setTimeout(() => void look(), wait());
  };

  const more = byId('more', HTMLButtonElement);
  more.onclick = async () => {
    try {
      const page = await api.listImages(next, PAGE_SIZE);
      for (const image of page.images) place(image, 'append');
      next = page.next;
      summarise();
    } catch (error) {
      notice(messageOf(error));
    }
  };
  low.onchange = () => {
    for (const entry of shown.values()) paint(entry, low.checked);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void look();
  });
  addEventListener('online', () => void look());
  wireViewer();
  void look();
  return () => void look();
};
