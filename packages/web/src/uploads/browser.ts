/** What uploads ask of the browser, beside the client. */

/** A parked promise never settles while the name is held by another tab, or by another item here. */
export const hold = (name: string): Promise<() => void> => {
  // Missing in insecure contexts and old browsers: two tabs then send the same bytes twice, which is waste and no fault.
  const locks = (navigator as Partial<Navigator>).locks;
  if (locks === undefined) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    locks.request(`darkroom ${name}`, () => new Promise<void>((release) => resolve(release))).catch(reject);
  });
};

/** Whether IndexedDB works here; in some private windows it is there and refuses. */
export const hasStore = (): Promise<boolean> =>
  new Promise((resolve) => {
    try {
      const request = indexedDB.open('darkroom-probe');
      request.onerror = () => resolve(false);
      request.onsuccess = () => {
        request.result.close();
        indexedDB.deleteDatabase('darkroom-probe');
        resolve(true);
      };
    } catch {
      // Firefox throws where others fail later.
      resolve(false);
    }
  });

/** Whether the viewer asked for less data (`Save-Data`). */
export const savesData = (): boolean =>
  (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData === true;

/** Waits, but no longer than until the signal is aborted. */
export const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    function end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });

/** Side of a preview in pixels of the canvas: 72 of CSS at twice the density. */
const PREVIEW_SIDE = 144;

let drawing: Promise<unknown> = Promise.resolve();

const draw = async (blob: Blob, canvas: HTMLCanvasElement): Promise<void> => {
  const bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image' });
  try {
    const scale = PREVIEW_SIDE / Math.min(bitmap.width, bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, (PREVIEW_SIDE - width) / 2, (PREVIEW_SIDE - height) / 2, width, height);
    canvas.hidden = false;
  } finally {
    bitmap.close();
  }
};

/** Draws the middle of a picture into a canvas. One at a time: each decode takes the memory of the whole picture. */
export const drawPreview = (blob: Blob, canvas: HTMLCanvasElement): void => {
  // A picture that this browser does not decode keeps its empty frame.
  drawing = drawing.then(() => draw(blob, canvas)).catch(() => undefined);
};
