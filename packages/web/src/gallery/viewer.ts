import type { PublicImage } from '@darkroom/types/api';
import { make, one } from '../dom.ts';
import { addressAt, renditionRows, squareAt } from '../renditions.ts';
import { label, statusText } from './words.ts';

const byId = <T extends Element>(id: string, kind: new () => T): T => one(document, `#${id}`, kind);

/** As wide as the dialog is on a common screen, in pixels. */
const VIEWER_WIDTH = 1280;
/** The wider of the two squares that there are, in pixels. */
const SQUARE_WIDTH = 640;

/** Where the square is: it is made when somebody follows the link, so nothing is made for those who only look. */
const squareLink = (url: string): HTMLAnchorElement => {
  const link = make('a', '', 'cut around its focal point');
  link.href = squareAt(url, SQUARE_WIDTH);
  return link;
};

const factsOf = (image: PublicImage): [string, string | HTMLElement][] => {
  const all: [string, string | HTMLElement | null | undefined][] = [
    [image.status === 'READY' ? 'Original' : 'Status', statusText(image)],
    ['Camera', [image.exif?.make, image.exif?.model].filter(Boolean).join(' ')],
    ['Taken', image.exif?.takenAt],
    ['Id', image.imageId],
    ['Address', image.url],
    ['Square', image.url === null ? null : squareLink(image.url)],
  ];
  return all.filter((fact): fact is [string, string | HTMLElement] => Boolean(fact[1]));
};

/** Opens the dialog on one image: large, with what is known of it and all its renditions. */
export const openViewer = (image: PublicImage, low: boolean): void => {
  byId('viewer-title', HTMLElement).textContent = label(image);
  const picture = byId('viewer-image', HTMLImageElement);
  picture.removeAttribute('src');
  picture.hidden = image.url === null;
  if (image.url !== null) picture.src = addressAt(image.url, VIEWER_WIDTH, low);
  if (image.width !== null && image.height !== null)
    Object.assign(picture, { width: image.width, height: image.height });
  picture.alt = label(image);
  byId('viewer-facts', HTMLElement).replaceChildren(
    ...factsOf(image).flatMap(([name, value]) => [make('dt', '', name), make('dd', '', value)]),
  );
  const rows = byId('viewer-variants', HTMLElement);
  rows.replaceChildren(...renditionRows(image));
  rows.closest('table')?.toggleAttribute('hidden', image.variants.length === 0);
  byId('viewer', HTMLDialogElement).showModal();
};

/** Wires what closes the dialog beside Escape: its button, and a click beside it. */
export const wireViewer = (): void => {
  const dialog = byId('viewer', HTMLDialogElement);
  byId('viewer-close', HTMLButtonElement).onclick = () => dialog.close();
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close();
  };
};
