import { createUploader, fromBlob, fromRecord } from '@darkroom/client';
import { type Api, createApi } from './api.ts';
import { createTokenSource, loadConfig, type PageConfig, type TokenSource } from './config.ts';
import { one, setText } from './dom.ts';
import { startGallery } from './gallery/gallery.ts';
import { hasStore, hold, savesData, sleep } from './uploads/browser.ts';
import { follow } from './uploads/follow.ts';
import { startPanel } from './uploads/panel.ts';
import { createSession } from './uploads/session.ts';
import { smaller } from './uploads/smaller.ts';

const CONFIG_URL = new URL('config.json', document.baseURI).href;

const notice = (text: string | null): void => {
  const place = one(document, '#notice', HTMLElement);
  setText(place, text ?? '');
  place.hidden = text === null;
};

interface System {
  readonly config: PageConfig;
  readonly tokens: TokenSource;
  readonly api: Api;
}

const startUploads = async ({ config, tokens, api }: System, onDeveloped: () => void): Promise<void> => {
  const keeps = await hasStore();
  one(document, '#no-store', HTMLElement).hidden = keeps;
  one(document, '#smaller', HTMLInputElement).checked = savesData();
  const uploader = createUploader({ api: config.api, token: tokens.get });
  const followPorts = { getImage: api.getImage, sleep, random: Math.random };
  const session = startPanel({
    keeps,
    onDeveloped,
    createSession: (events) =>
      createSession(
        {
          uploader,
          fromBlob,
          fromRecord,
          hold,
          smaller,
          now: Date.now,
          follow: (order) => follow(followPorts, order),
        },
        events,
      ),
  });
  await session.restore();
};

/** The system may be starting, or the link may be down: then the browser tells when it is back. */
const RETRY_MS = 5000;

const waitForLink = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, RETRY_MS);
    addEventListener('online', () => resolve(), { once: true });
  });

const loadPatiently = async (): Promise<PageConfig> => {
  for (;;) {
    try {
      const config = await loadConfig(CONFIG_URL);
      notice(null);
      return config;
    } catch (error) {
      notice(error instanceof Error ? error.message : String(error));
      setText(one(document, '#summary', HTMLElement), 'Not connected');
      await waitForLink();
    }
  }
};

const config = await loadPatiently();
const tokens = createTokenSource(config, () => loadConfig(CONFIG_URL), Date.now);
const api = createApi(config.api, tokens);
await startUploads({ config, tokens, api }, startGallery(api, notice));
